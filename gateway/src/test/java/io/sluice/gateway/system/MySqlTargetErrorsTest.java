package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.pipeline.PipelineStatus.Failure;
import io.sluice.testkit.Durability;
import io.sluice.testkit.Servers;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** As {@link TargetErrorsTest}, of a target that is MySQL, from either engine. */
@Tag("slow")
class MySqlTargetErrorsTest {

    private static final List<String> TABLES = List.of("public.a", "public.b");
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private static SeveralPairs pairs;
    private Gateway gateway;

    /**
     * The targets are servers of their own, for some tests change a setting of the whole server.
     */
    @BeforeAll
    static void twoTables() throws Exception {
        pairs =
                new SeveralPairs(
                        List.of(Pair.POSTGRES_TO_MYSQL, Pair.MYSQL_TO_MYSQL),
                        pair ->
                                TwoSites.between(
                                                pair.fromMySql
                                                        ? Servers.sharedMySql()
                                                        : Servers.sharedPostgres(),
                                                Servers.mysql(Durability.FAST))
                                        .with("heartbeat: 200ms")
                                        .with("apply: {statementTimeout: 2s}"));
        pairs.each(
                (pair, sites) ->
                        sites.onSource(
                                "CREATE TABLE a (id int PRIMARY KEY, v int)",
                                "CREATE TABLE b (id int PRIMARY KEY, v int)",
                                "INSERT INTO a SELECT g, 0 FROM " + pair.numbers(10),
                                "INSERT INTO b SELECT g, 0 FROM " + pair.numbers(10)));
    }

    @AfterAll
    static void drop() throws Exception {
        pairs.close();
        pairs.each((pair, sites) -> sites.targetServer.close());
    }

    @BeforeEach
    void start() throws Exception {
        gateway = new Gateway(pairs.config());
        pairs.awaitAll(gateway, PipelineState.STREAMING);
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
        pairs.each((pair, sites) -> sites.onTarget("DROP TRIGGER IF EXISTS refuse"));
    }

    @ParameterizedTest(name = "{0} {2}")
    @CsvSource({
        "1205, HY000, lock wait timeout",
        "1021, HY000, disk full",
    })
    void anErrorThatMayPassIsTriedAgainUntilItHasPassed(int number, String state, String what)
            throws Exception {
        pairs.each(
                (pair, sites) -> {
                    refuseWith(sites, number, state);
                    sites.onSource("UPDATE a SET v = v + 1");
                });
        pairs.each(
                (pair, sites) -> {
                    TwoSites.await(
                            PATIENCE,
                            () -> Watching.status(gateway, sites.pipeline()).retries() > 1);
                    Failure failure = Watching.awaitRetry(gateway, sites.pipeline());
                    assertThat(failure.errorClass()).as(what).isEqualTo("retry");
                    assertThat(failure.message()).contains("error " + number, table(sites));
                    sites.onTarget("DROP TRIGGER refuse");
                });
        requireEqual();
    }

    @ParameterizedTest(name = "{0} {2}")
    @CsvSource({
        "1142, 42000, no privilege",
        "1030, HY000, an error of the storage",
    })
    void anErrorThatDoesNotPassOrIsNotKnownStopsThePipelineWithItsReason(
            int number, String state, String what) throws Exception {
        pairs.each((pair, sites) -> refuseWith(sites, number, state));
        requireStopsFor("error " + number, what);
        pairs.each((pair, sites) -> sites.onTarget("DROP TRIGGER refuse"));
        goesOn();
    }

    @Test
    void aTableThatIsGoneStopsThePipelineWithItsReason() throws Exception {
        pairs.each((pair, sites) -> sites.onTarget("RENAME TABLE a TO gone"));
        requireStopsFor("is not on the target", "no table");
        pairs.each((pair, sites) -> sites.onTarget("RENAME TABLE gone TO a"));
        goesOn();
    }

    /**
     * A session that uses the database keeps what it may do there: it is a new one that may not.
     */
    @Test
    void aPrivilegeThatIsTakenAwayStopsThePipelineWithItsReason() throws Exception {
        pairs.each(
                (pair, sites) -> {
                    sites.onTarget(
                            "REVOKE UPDATE ON %s.* FROM %s"
                                    .formatted(sites.targetDatabase, sites.username("target")));
                    try (Connection other = sites.target()) {
                        cutSessions(sites, other);
                    }
                });
        try {
            requireStopsFor("lacks UPDATE", "no privilege");
        } finally {
            pairs.each(
                    (pair, sites) ->
                            sites.onTarget(
                                    "GRANT UPDATE ON %s.* TO %s"
                                            .formatted(
                                                    sites.targetDatabase,
                                                    sites.username("target"))));
        }
        goesOn();
    }

    /** Writes a transaction of two tables, of which the targets refuse one: none is applied. */
    private void requireStopsFor(String reason, String what) throws Exception {
        pairs.each(
                (pair, sites) -> {
                    String before = sites.queryTarget("SELECT sum(v) FROM b");
                    sites.onSource(
                            "BEGIN", "UPDATE b SET v = v + 1", "UPDATE a SET v = v + 1", "COMMIT");
                    Failure failure = Watching.awaitFailed(gateway, sites.pipeline());
                    assertThat(failure.errorClass()).as(what).isEqualTo("fatal");
                    assertThat(failure.message()).contains(reason, table(sites));
                    assertThat(sites.queryTarget("SELECT sum(v) FROM b")).isEqualTo(before);
                });
    }

    private void goesOn() throws Exception {
        gateway.close();
        gateway = new Gateway(pairs.config());
        requireEqual();
    }

    /** The server ends the transaction that has written less: the gateway's. */
    @Test
    void aDeadlockWithAnotherSessionIsTriedAgain() throws Exception {
        pairs.each(
                (pair, sites) -> {
                    try (Connection other = sites.target();
                            Statement statement = other.createStatement()) {
                        statement.execute("SET SESSION innodb_lock_wait_timeout = 30");
                        other.setAutoCommit(false);
                        statement.execute("UPDATE b SET v = v + 0 WHERE id <> 0");
                        statement.execute("DELETE FROM b WHERE id < 5");
                        sites.onSource(
                                "BEGIN",
                                "UPDATE a SET v = v + 1 WHERE id = 5",
                                "UPDATE b SET v = v + 1 WHERE id = 5",
                                "COMMIT");
                        sites.awaitOnTarget(
                                "SELECT count(*) FROM performance_schema.data_locks WHERE"
                                        + " object_name = 'b' AND lock_status = 'WAITING'",
                                "1");
                        statement.execute("SELECT * FROM a WHERE id = 5 FOR UPDATE");
                        awaitRetryFor(sites, "error 1213");
                        other.rollback();
                    }
                });
        requireEqual();
    }

    @ParameterizedTest
    @CsvSource({
        "SELECT * FROM a WHERE id = 5 FOR UPDATE, ROLLBACK",
        "LOCK TABLES a READ, UNLOCK TABLES",
    })
    void aLockThatIsHeldForLongIsWaitedOut(String lock, String release) throws Exception {
        List<Connection> others = new ArrayList<>();
        try {
            pairs.each(
                    (pair, sites) -> {
                        Connection other = sites.target();
                        others.add(other);
                        execute(other, "SET autocommit = 0", lock);
                        sites.onSource("UPDATE a SET v = v + 1");
                    });
            pairs.each(
                    (pair, sites) ->
                            assertThat(Watching.awaitRetry(gateway, sites.pipeline()).message())
                                    .contains("lock", table(sites)));
            for (Connection other : others) {
                execute(other, release);
            }
        } finally {
            for (Connection other : others) {
                other.close();
            }
        }
        requireEqual();
    }

    @Test
    void aSessionThatTheServerEndsIsReplaced() throws Exception {
        for (int i = 0; i < 3; i++) {
            pairs.each(
                    (pair, sites) -> {
                        try (Connection other = sites.target()) {
                            cutSessions(sites, other);
                        }
                        sites.onSource("UPDATE a SET v = v + 1");
                    });
            requireEqual();
        }
    }

    /** One place is left, and the server keeps another free for who may set it right. */
    @Test
    void aServerWithoutFreeConnectionsIsWaitedFor() throws Exception {
        pairs.each(
                (pair, sites) -> {
                    try (Connection other = sites.target();
                            Statement statement = other.createStatement()) {
                        String before = sites.queryTarget("SELECT @@max_connections");
                        statement.execute("SET GLOBAL max_connections = 1");
                        try {
                            cutSessions(sites, other);
                            sites.onSource("UPDATE a SET v = v + 1");
                            awaitRetryFor(sites, "error 1040");
                        } finally {
                            statement.execute("SET GLOBAL max_connections = " + before);
                        }
                    }
                });
        requireEqual();
    }

    @Test
    void aTargetThatIsReadOnlyForAWhileIsWaitedFor() throws Exception {
        pairs.each(
                (pair, sites) -> {
                    sites.onTarget("SET GLOBAL super_read_only = ON");
                    try {
                        sites.onSource("UPDATE a SET v = v + 1");
                        awaitRetryFor(sites, "read-only");
                    } finally {
                        sites.onTarget(
                                "SET GLOBAL super_read_only = OFF", "SET GLOBAL read_only = OFF");
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

    private static void execute(Connection connection, String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static String table(TwoSites sites) {
        return sites.targetName("a");
    }

    /** Ends every session of the gateway's user. */
    private static void cutSessions(TwoSites sites, Connection other) throws SQLException {
        List<String> sessions = new ArrayList<>();
        try (Statement statement = other.createStatement();
                ResultSet found =
                        statement.executeQuery(
                                "SELECT id FROM performance_schema.processlist WHERE user = '%s'"
                                        .formatted(sites.username("target")))) {
            while (found.next()) {
                sessions.add(found.getString(1));
            }
        }
        for (String session : sessions) {
            try (Statement statement = other.createStatement()) {
                statement.execute("KILL " + session);
            } catch (SQLException e) {
                assertThat(e.getErrorCode()).as("it has ended by itself").isEqualTo(1094);
            }
        }
    }

    private static void refuseWith(TwoSites sites, int number, String state) {
        sites.onTarget(
                """
                CREATE TRIGGER refuse BEFORE UPDATE ON a FOR EACH ROW
                  SIGNAL SQLSTATE '%s' SET MYSQL_ERRNO = %d, MESSAGE_TEXT = 'refused'"""
                        .formatted(state, number));
    }
}
