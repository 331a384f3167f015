package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.pipeline.PipelineStatus.Failure;
import java.sql.Connection;
import java.sql.SQLException;
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

/** Errors of the target that are nobody's row's fault: those that pass are waited out. */
class TargetErrorsTest {

    private static final List<String> TABLES = List.of("public.a", "public.b");
    private static final String ROLE = "target_errors";

    private static TwoSites sites;
    private Gateway gateway;

    @BeforeAll
    static void twoTables() {
        sites =
                TwoSites.shared()
                        .with("heartbeat: 200ms")
                        .with("apply: {statementTimeout: 1500ms}")
                        .login("target", ROLE, "secret");
        String[] ddl = {
            "CREATE TABLE a (id int PRIMARY KEY, v int)",
            "CREATE TABLE b (id int PRIMARY KEY, v int)"
        };
        sites.onSource(ddl);
        sites.onTarget(ddl);
        sites.onTarget(
                "CREATE ROLE %s LOGIN PASSWORD 'secret'".formatted(ROLE),
                "GRANT CREATE ON DATABASE %s TO %s".formatted(sites.targetDatabase, ROLE),
                "GRANT ALL ON a, b TO " + ROLE,
                "GRANT SET ON PARAMETER session_replication_role TO " + ROLE,
                "CREATE SEQUENCE attempt",
                "GRANT ALL ON SEQUENCE attempt TO " + ROLE);
        sites.onSource(
                "INSERT INTO a SELECT i, 0 FROM generate_series(1, 10) i",
                "INSERT INTO b SELECT i, 0 FROM generate_series(1, 10) i");
    }

    @AfterAll
    static void drop() {
        sites.onTarget(
                "REVOKE SET ON PARAMETER session_replication_role FROM " + ROLE,
                "DROP OWNED BY " + ROLE,
                "DROP ROLE " + ROLE);
        sites.close();
    }

    @BeforeEach
    void start() {
        gateway = new Gateway(sites.config());
        Watching.awaitStreaming(gateway);
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
        sites.onTarget(
                "DROP TRIGGER IF EXISTS refuse ON a",
                "ALTER ROLE " + ROLE + " CONNECTION LIMIT -1");
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
    void anErrorThatMayPassIsTriedAgainUntilItHasPassed(String state, String what) {
        refuseThreeTimesWith(state);
        sites.onSource("UPDATE a SET v = v + 1");
        assertThat(Watching.awaitRetry(gateway).errorClass()).as(what).isEqualTo("retry");
        assertThat(Watching.awaitRetry(gateway).message()).contains(state);
        equal();
        assertThat(sites.queryTarget("SELECT last_value >= 4 FROM attempt")).isEqualTo("t");
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
        String before = sites.queryTarget("SELECT sum(v) FROM b");
        refuseThreeTimesWith(state);
        sites.onSource("BEGIN; UPDATE b SET v = v + 1; UPDATE a SET v = v + 1; COMMIT");
        Failure failure = Watching.awaitFailed(gateway);
        assertThat(failure.errorClass()).as(what).isEqualTo("fatal");
        assertThat(failure.message()).contains(state, "public.a");
        assertThat(sites.queryTarget("SELECT sum(v) FROM b")).isEqualTo(before);
        sites.onTarget("DROP TRIGGER refuse ON a");
        gateway.close();
        gateway = new Gateway(sites.config());
        equal();
    }

    @Test
    void aDeadlockWithAnotherSessionIsTriedAgain() throws Exception {
        sites.onTarget(
                "ALTER DATABASE %s SET deadlock_timeout = '700ms'".formatted(sites.targetDatabase));
        cutSessions();
        try (Connection other = sites.target();
                Statement statement = other.createStatement()) {
            statement.execute("SET deadlock_timeout = '1h'");
            other.setAutoCommit(false);
            statement.execute("SELECT FROM b WHERE id = 5 FOR UPDATE");
            sites.onSource(
                    "BEGIN; UPDATE a SET v = v + 1 WHERE id = 5; UPDATE b SET v = v + 1 WHERE id = 5;"
                            + " COMMIT");
            awaitLockWait();
            statement.execute("SELECT FROM a WHERE id = 5 FOR UPDATE"); // the gateway is the victim
            TwoSites.await(
                    Duration.ofSeconds(60),
                    () -> Watching.awaitRetry(gateway).message().contains("40P01"));
            other.rollback();
        }
        equal();
    }

    @Test
    void aLockThatIsHeldForLongRunsIntoTheStatementTimeoutAndIsWaitedOut() throws Exception {
        try (Connection other = sites.target();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("LOCK TABLE a IN ACCESS EXCLUSIVE MODE");
            sites.onSource("UPDATE a SET v = v + 1");
            assertThat(Watching.awaitRetry(gateway).message()).contains("57014");
            other.rollback();
        }
        equal();
    }

    @Test
    void aSessionThatTheServerEndsIsReplaced() {
        for (int i = 0; i < 3; i++) {
            cutSessions();
            sites.onSource("UPDATE a SET v = v + 1");
            equal();
        }
    }

    @Test
    void aServerWithoutFreeConnectionsIsWaitedFor() {
        sites.onTarget("ALTER ROLE " + ROLE + " CONNECTION LIMIT 0");
        cutSessions();
        sites.onSource("UPDATE a SET v = v + 1");
        TwoSites.await(
                Duration.ofSeconds(60),
                () -> Watching.awaitRetry(gateway).message().contains("53300"));
        sites.onTarget("ALTER ROLE " + ROLE + " CONNECTION LIMIT -1");
        equal();
    }

    @Test
    void aTargetThatIsReadOnlyForAWhileIsWaitedFor() {
        String database = "ALTER DATABASE " + sites.targetDatabase;
        sites.onTarget(database + " SET default_transaction_read_only = on");
        try {
            cutSessions();
            sites.onSource("UPDATE a SET v = v + 1");
            TwoSites.await(
                    Duration.ofSeconds(60),
                    () -> Watching.awaitRetry(gateway).message().contains("25006"));
        } finally {
            sites.onTarget(
                    "SET default_transaction_read_only = off",
                    "BEGIN READ WRITE; "
                            + database
                            + " RESET default_transaction_read_only; COMMIT");
        }
        equal();
    }

    private void equal() {
        sites.awaitEqual(Duration.ofSeconds(30), TABLES);
        Watching.awaitState(gateway, PipelineState.STREAMING, Duration.ofSeconds(30));
        TwoSites.await(Duration.ofSeconds(60), () -> Watching.status(gateway).failure() == null);
    }

    private static void refuseThreeTimesWith(String state) {
        sites.onTarget(
                "ALTER SEQUENCE attempt RESTART",
                """
                CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                  IF nextval('public.attempt') <= 3 THEN
                    RAISE EXCEPTION 'refused' USING ERRCODE = '%s';
                  END IF;
                  RETURN NULL;
                END $$"""
                        .formatted(state),
                "CREATE TRIGGER refuse BEFORE UPDATE ON a FOR EACH STATEMENT EXECUTE FUNCTION refuse()",
                "ALTER TABLE a ENABLE ALWAYS TRIGGER refuse");
    }

    private static void cutSessions() {
        sites.onTarget(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '%s'"
                        .formatted(ROLE));
    }

    private static void awaitLockWait() throws SQLException {
        TwoSites.await(
                Duration.ofSeconds(60),
                () ->
                        "1"
                                .equals(
                                        sites.queryTarget(
                                                "SELECT count(*) FROM pg_stat_activity WHERE usename ="
                                                        + " '"
                                                        + ROLE
                                                        + "' AND wait_event_type = 'Lock'")));
    }
}
