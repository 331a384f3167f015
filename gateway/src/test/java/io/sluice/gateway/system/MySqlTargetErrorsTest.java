package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.pipeline.PipelineStatus.Failure;
import io.sluice.testkit.Durability;
import io.sluice.testkit.Servers;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** As {@link TargetErrorsTest}, of a target that is MySQL. */
@Tag("slow")
class MySqlTargetErrorsTest {

    private static final List<String> TABLES = List.of("public.a", "public.b");
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private static TwoSites sites;
    private Gateway gateway;

    @BeforeAll
    static void twoTables() {
        sites =
                TwoSites.ownServers(
                                Servers.postgres(Durability.FAST), Servers.mysql(Durability.FAST))
                        .with("heartbeat: 200ms")
                        .with("apply: {statementTimeout: 2s}");
        sites.onSource(
                "CREATE TABLE a (id int PRIMARY KEY, v int)",
                "CREATE TABLE b (id int PRIMARY KEY, v int)",
                "INSERT INTO a SELECT i, 0 FROM generate_series(1, 10) i",
                "INSERT INTO b SELECT i, 0 FROM generate_series(1, 10) i");
    }

    @AfterAll
    static void drop() {
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
        sites.onTarget("DROP TRIGGER IF EXISTS refuse");
    }

    @ParameterizedTest(name = "{0} {2}")
    @CsvSource({
        "1205, HY000, lock wait timeout",
        "1021, HY000, disk full",
    })
    void anErrorThatMayPassIsTriedAgainUntilItHasPassed(int number, String state, String what) {
        refuseWith(number, state);
        sites.onSource("UPDATE a SET v = v + 1");
        TwoSites.await(PATIENCE, () -> Watching.status(gateway).retries() > 1);
        Failure failure = Watching.awaitRetry(gateway);
        assertThat(failure.errorClass()).as(what).isEqualTo("retry");
        assertThat(failure.message()).contains("error " + number, sites.targetName("a"));
        sites.onTarget("DROP TRIGGER refuse");
        equal();
    }

    @ParameterizedTest(name = "{0} {2}")
    @CsvSource({
        "1142, 42000, no privilege",
        "1030, HY000, an error of the storage",
    })
    void anErrorThatDoesNotPassOrIsNotKnownStopsThePipelineWithItsReason(
            int number, String state, String what) throws Exception {
        String before = sites.queryTarget("SELECT sum(v) FROM b");
        refuseWith(number, state);
        sites.onSource("BEGIN", "UPDATE b SET v = v + 1", "UPDATE a SET v = v + 1", "COMMIT");
        Failure failure = Watching.awaitFailed(gateway);
        assertThat(failure.errorClass()).as(what).isEqualTo("fatal");
        assertThat(failure.message()).contains("error " + number, sites.targetName("a"));
        assertThat(sites.queryTarget("SELECT sum(v) FROM b")).isEqualTo(before);
        sites.onTarget("DROP TRIGGER refuse");
        gateway.close();
        gateway = new Gateway(sites.config());
        equal();
    }

    /** The server ends the transaction that has written less: the gateway's. */
    @Test
    void aDeadlockWithAnotherSessionIsTriedAgain() throws Exception {
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
                    "SELECT count(*) FROM performance_schema.data_locks WHERE object_name = 'b'"
                            + " AND lock_status = 'WAITING'",
                    "1");
            statement.execute("SELECT * FROM a WHERE id = 5 FOR UPDATE");
            TwoSites.await(
                    PATIENCE, () -> Watching.awaitRetry(gateway).message().contains("error 1213"));
            other.rollback();
        }
        equal();
    }

    @ParameterizedTest
    @CsvSource({
        "SELECT * FROM a WHERE id = 5 FOR UPDATE, ROLLBACK",
        "LOCK TABLES a READ, UNLOCK TABLES",
    })
    void aLockThatIsHeldForLongIsWaitedOut(String lock, String release) throws Exception {
        try (Connection other = sites.target();
                Statement statement = other.createStatement()) {
            statement.execute("SET autocommit = 0");
            statement.execute(lock);
            sites.onSource("UPDATE a SET v = v + 1");
            assertThat(Watching.awaitRetry(gateway).message())
                    .contains("lock", sites.targetName("a"));
            statement.execute(release);
        }
        equal();
    }

    @Test
    void aTargetThatIsReadOnlyForAWhileIsWaitedFor() {
        sites.onTarget("SET GLOBAL super_read_only = ON");
        try {
            sites.onSource("UPDATE a SET v = v + 1");
            TwoSites.await(
                    PATIENCE, () -> Watching.awaitRetry(gateway).message().contains("read-only"));
        } finally {
            sites.onTarget("SET GLOBAL super_read_only = OFF", "SET GLOBAL read_only = OFF");
        }
        equal();
    }

    private void equal() {
        sites.awaitEqual(PATIENCE, TABLES);
        Watching.awaitState(gateway, PipelineState.STREAMING, PATIENCE);
        TwoSites.await(Duration.ofSeconds(60), () -> Watching.status(gateway).failure() == null);
    }

    private static void refuseWith(int number, String state) {
        sites.onTarget(
                """
                CREATE TRIGGER refuse BEFORE UPDATE ON a FOR EACH ROW
                  SIGNAL SQLSTATE '%s' SET MYSQL_ERRNO = %d, MESSAGE_TEXT = 'refused'"""
                        .formatted(state, number));
    }
}
