package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.pipeline.PipelineStatus.Failure;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Errors of a target that is PostgreSQL, from either engine, that are nobody's row's fault: those
 * that pass are waited out. {@link MySqlTargetErrorsTest} has the pairs into MySQL.
 */
class TargetErrorsTest {

    private static final List<String> TABLES = List.of("public.a", "public.b");
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private static SeveralPairs pairs;
    private Gateway gateway;

    @BeforeAll
    static void twoTables() throws Exception {
        pairs =
                new SeveralPairs(
                        List.of(Pair.POSTGRES_TO_POSTGRES, Pair.MYSQL_TO_POSTGRES),
                        pair ->
                                pair.shared()
                                        .with("heartbeat: 200ms")
                                        .with("apply: {statementTimeout: 1500ms}"));
        pairs.each(
                (pair, sites) -> {
                    String[] ddl = {
                        "CREATE TABLE a (id int PRIMARY KEY, v int)",
                        "CREATE TABLE b (id int PRIMARY KEY, v int)"
                    };
                    sites.onSource(ddl);
                    sites.onTarget(ddl);
                    sites.onSource(
                            "INSERT INTO a SELECT g, 0 FROM " + pair.numbers(10),
                            "INSERT INTO b SELECT g, 0 FROM " + pair.numbers(10));
                });
    }

    @AfterAll
    static void drop() throws Exception {
        pairs.close();
    }

    @BeforeEach
    void start() throws Exception {
        gateway = new Gateway(pairs.config());
        pairs.awaitAll(gateway, PipelineState.STREAMING);
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
        pairs.each(
                (pair, sites) -> sites.onTarget("DROP TRIGGER IF EXISTS refuse ON a", free(sites)));
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
        "40001, serialization failure",
        "40P01, deadlock",
        "53100, disk full",
        "53200, out of memory",
        "55P03, lock timeout",
        "57014, query cancelled",
    })
    void anErrorThatMayPassIsTriedAgainUntilItHasPassed(String state, String what)
            throws Exception {
        pairs.each(
                (pair, sites) -> {
                    refuseWith(sites, state);
                    sites.onSource("UPDATE a SET v = v + 1");
                });
        pairs.each(
                (pair, sites) -> {
                    Failure failure = Watching.awaitRetry(gateway, sites.pipeline());
                    assertThat(failure.errorClass()).as(what).isEqualTo("retry");
                    assertThat(failure.message()).contains(state, "public.a");
                    TwoSites.await(
                            PATIENCE,
                            () -> Watching.status(gateway, sites.pipeline()).retries() > 1);
                    sites.onTarget("DROP TRIGGER refuse ON a");
                });
        requireEqual();
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
        "42501, no privilege",
        "XX000, internal error",
        "58030, input or output error",
        "0A000, not supported",
    })
    void anErrorThatDoesNotPassOrIsNotKnownStopsThePipelineWithItsReason(String state, String what)
            throws Exception {
        pairs.each((pair, sites) -> refuseWith(sites, state));
        requireStopsFor(state, what);
        pairs.each((pair, sites) -> sites.onTarget("DROP TRIGGER refuse ON a"));
        goesOn();
    }

    @Test
    void aTableThatIsGoneStopsThePipelineWithItsReason() throws Exception {
        pairs.each((pair, sites) -> sites.onTarget("ALTER TABLE a RENAME TO gone"));
        requireStopsFor("is not on the target", "no table");
        pairs.each((pair, sites) -> sites.onTarget("ALTER TABLE gone RENAME TO a"));
        goesOn();
    }

    @Test
    void aPrivilegeThatIsTakenAwayStopsThePipelineWithItsReason() throws Exception {
        pairs.each(
                (pair, sites) ->
                        sites.onTarget("REVOKE UPDATE ON a FROM " + sites.username("target")));
        requireStopsFor("42501", "no privilege");
        pairs.each(
                (pair, sites) ->
                        sites.onTarget("GRANT UPDATE ON a TO " + sites.username("target")));
        goesOn();
    }

    /** Writes a transaction whose second table the targets refuse: nothing of it is applied. */
    private void requireStopsFor(String reason, String what) throws Exception {
        pairs.each(
                (pair, sites) -> {
                    String before = sites.queryTarget("SELECT sum(v) FROM b");
                    sites.onSource(
                            "BEGIN", "UPDATE b SET v = v + 1", "UPDATE a SET v = v + 1", "COMMIT");
                    Failure failure = Watching.awaitFailed(gateway, sites.pipeline());
                    assertThat(failure.errorClass()).as(what).isEqualTo("fatal");
                    assertThat(failure.message()).contains(reason, "public.a");
                    assertThat(sites.queryTarget("SELECT sum(v) FROM b")).isEqualTo(before);
                });
    }

    private void goesOn() throws Exception {
        gateway.close();
        gateway = new Gateway(pairs.config());
        requireEqual();
    }

    @Test
    void aDeadlockWithAnotherSessionIsTriedAgain() throws Exception {
        pairs.each(
                (pair, sites) -> {
                    sites.onTarget(
                            "ALTER DATABASE %s SET deadlock_timeout = '700ms'"
                                    .formatted(sites.targetDatabase));
                    cutSessions(sites);
                    try (Connection other = sites.target();
                            Statement statement = other.createStatement()) {
                        statement.execute("SET deadlock_timeout = '1h'");
                        other.setAutoCommit(false);
                        statement.execute("SELECT FROM b WHERE id = 5 FOR UPDATE");
                        sites.onSource(
                                "BEGIN",
                                "UPDATE a SET v = v + 1 WHERE id = 5",
                                "UPDATE b SET v = v + 1 WHERE id = 5",
                                "COMMIT");
                        awaitLockWait(sites);
                        // The gateway is the victim.
                        statement.execute("SELECT FROM a WHERE id = 5 FOR UPDATE");
                        awaitRetryFor(sites, "40P01");
                        other.rollback();
                    }
                });
        requireEqual();
    }

    @Test
    void aLockThatIsHeldForLongRunsIntoTheStatementTimeoutAndIsWaitedOut() throws Exception {
        pairs.each(
                (pair, sites) -> {
                    try (Connection other = sites.target();
                            Statement statement = other.createStatement()) {
                        other.setAutoCommit(false);
                        statement.execute("LOCK TABLE a IN ACCESS EXCLUSIVE MODE");
                        sites.onSource("UPDATE a SET v = v + 1");
                        assertThat(Watching.awaitRetry(gateway, sites.pipeline()).message())
                                .contains("57014");
                        other.rollback();
                    }
                });
        requireEqual();
    }

    @Test
    void aSessionThatTheServerEndsIsReplaced() throws Exception {
        for (int i = 0; i < 3; i++) {
            pairs.each(
                    (pair, sites) -> {
                        cutSessions(sites);
                        sites.onSource("UPDATE a SET v = v + 1");
                    });
            requireEqual();
        }
    }

    @Test
    void aServerWithoutFreeConnectionsIsWaitedFor() throws Exception {
        pairs.each(
                (pair, sites) -> {
                    sites.onTarget(
                            "ALTER ROLE %s CONNECTION LIMIT 0".formatted(sites.username("target")));
                    cutSessions(sites);
                    sites.onSource("UPDATE a SET v = v + 1");
                });
        pairs.each(
                (pair, sites) -> {
                    awaitRetryFor(sites, "53300");
                    sites.onTarget(free(sites));
                });
        requireEqual();
    }

    private static String free(TwoSites sites) {
        return "ALTER ROLE %s CONNECTION LIMIT -1".formatted(sites.username("target"));
    }

    @Test
    void aTargetThatIsReadOnlyForAWhileIsWaitedFor() throws Exception {
        pairs.each(
                (pair, sites) -> {
                    String database = "ALTER DATABASE " + sites.targetDatabase;
                    sites.onTarget(database + " SET default_transaction_read_only = on");
                    try {
                        cutSessions(sites);
                        sites.onSource("UPDATE a SET v = v + 1");
                        awaitRetryFor(sites, "25006");
                    } finally {
                        sites.onTarget(
                                "SET default_transaction_read_only = off",
                                "BEGIN READ WRITE; "
                                        + database
                                        + " RESET default_transaction_read_only; COMMIT");
                    }
                });
        requireEqual();
    }

    private void awaitRetryFor(TwoSites sites, String reason) {
        TwoSites.await(
                PATIENCE,
                () -> Watching.awaitRetry(gateway, sites.pipeline()).message().contains(reason));
    }

    private void requireEqual() throws Exception {
        pairs.each(
                (pair, sites) -> {
                    sites.awaitEqual(PATIENCE, TABLES);
                    String pipeline = sites.pipeline();
                    Watching.awaitState(gateway, pipeline, PipelineState.STREAMING, PATIENCE);
                    TwoSites.await(
                            PATIENCE, () -> Watching.status(gateway, pipeline).failure() == null);
                });
    }

    private static void refuseWith(TwoSites sites, String state) {
        sites.onTarget(
                """
                CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                  RAISE EXCEPTION 'refused' USING ERRCODE = '%s';
                END $$"""
                        .formatted(state),
                "CREATE TRIGGER refuse BEFORE UPDATE ON a FOR EACH STATEMENT EXECUTE FUNCTION"
                        + " refuse()",
                "ALTER TABLE a ENABLE ALWAYS TRIGGER refuse");
    }

    private static void cutSessions(TwoSites sites) {
        sites.onTarget(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '%s'"
                        .formatted(sites.username("target")));
    }

    private static void awaitLockWait(TwoSites sites) {
        sites.awaitOnTarget(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename"
                        + " = '%s'".formatted(sites.username("target")),
                "1");
    }
}
