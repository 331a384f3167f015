package io.sluice.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class WorkloadTest {
    private static final List<String> STEPS =
            List.of(
                    "COPY",
                    "KEY_CHANGE",
                    "KEY_SWAP",
                    "KEYLESS_DELETE",
                    "KEYLESS_UPDATE",
                    "ORDER_RENUMBER",
                    "ROLLBACK",
                    "SAVEPOINT_RELEASE",
                    "SAVEPOINT_ROLLBACK",
                    "TOAST_KEY_CHANGE",
                    "TOAST_UNCHANGED",
                    "TRUNCATE_ONE",
                    "TRUNCATE_SEVERAL",
                    "TYPES_UPDATE",
                    "UNIQUE_ROTATE");

    private static PostgresServer server;

    @BeforeAll
    static void start() {
        server = Servers.postgres(Durability.FAST);
    }

    @AfterAll
    static void end() {
        server.close();
    }

    @Test
    void theSameSeedMakesTheSameHistoryOnOneConnection() throws Exception {
        Workload one = loaded("same_1", 42, 1, 400);
        Workload two = loaded("same_2", 42, 1, 400);
        Workload other = loaded("other", 43, 1, 400);
        assertThat(one.counts()).isEqualTo(two.counts());
        assertThat(one.counts()).isNotEqualTo(other.counts());
        try (Connection left = server.connect("same_1");
                Connection right = server.connect("same_2");
                Connection third = server.connect("other")) {
            Comparison same = Comparer.compare(left, right, Workload.TABLES);
            assertThat(same.isEqual()).as("%s", same).isTrue();
            assertThat(same.rows()).isGreaterThan(500);
            assertThat(Comparer.fingerprint(left, Workload.TABLES))
                    .isEqualTo(Comparer.fingerprint(right, Workload.TABLES))
                    .isNotEqualTo(Comparer.fingerprint(third, Workload.TABLES));
            assertThat(Comparer.compare(left, third, Workload.TABLES).isEqual()).isFalse();
        }
    }

    @Test
    void everyStepComesUpOnSeveralConnectionsAndFewTransactionsCollide() {
        Workload load = loaded("several", 7, 4, 2_000);
        Workload.Counts counts = load.counts();
        assertThat(counts.steps().keySet()).containsAll(STEPS);
        assertThat(counts.committedTransactions()).isGreaterThan(1_600);
        assertThat(counts.failedTransactions()).isLessThan(200);
        // Each table may be empty for a moment, as deletes run on into others, but not all of them.
        String rows =
                PostgresServerTest.query(
                        server,
                        "several",
                        "SELECT (SELECT count(*) FROM document) + (SELECT count(*) FROM every_type)"
                                + " + (SELECT count(*) FROM event) + (SELECT count(*) FROM orders)"
                                + " + (SELECT count(*) FROM customer)");
        assertThat(Integer.parseInt(rows)).isGreaterThan(100);
        assertThat(
                        PostgresServerTest.query(
                                server,
                                "several",
                                "SELECT count(*) FROM document WHERE pg_column_size(body) > 8000"))
                .isNotEqualTo("0");
    }

    @Test
    void itRunsInTheBackgroundAtItsRateAndOverACrashOfTheServer() {
        try (PostgresServer crashing = Servers.postgres(Durability.REAL, Map.of())) {
            crashing.createDatabase("load");
            Workload load = new Workload(5, 3);
            try (Connection connection = crashing.connect("load")) {
                load.createSchema(connection);
            } catch (SQLException e) {
                throw new AssertionError(e);
            }
            load.start(() -> crashing.connect("load"), 50);
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> load.counts().committedTransactions() > 20);
            crashing.kill();
            crashing.start();
            long begin = System.nanoTime();
            long before = load.counts().committedTransactions();
            await().atMost(Duration.ofSeconds(120))
                    .until(() -> load.counts().committedTransactions() > before + 50);
            assertThat(Duration.ofNanos(System.nanoTime() - begin))
                    .isGreaterThan(Duration.ofMillis(800));
            load.stop();
            long after = load.counts().committedTransactions();
            await().during(Duration.ofMillis(300))
                    .until(() -> load.counts().committedTransactions() == after);
        }
    }

    @Test
    void theOlderVersionsOfTheMachineTakeTheSameLoad() throws Exception {
        for (PostgresBinaries binaries : PostgresBinaries.installed()) {
            try (PostgresServer older = Servers.postgres(binaries, Durability.FAST, Map.of())) {
                older.createDatabase("older");
                loaded("newer" + binaries.major(), 11, 1, 300);
                Workload load = new Workload(11, 1);
                try (Connection left = older.connect("older");
                        Connection right = server.connect("newer" + binaries.major())) {
                    load.createSchema(left);
                    load.run(() -> older.connect("older"), 300);
                    Comparison comparison = Comparer.compare(left, right, Workload.TABLES);
                    assertThat(comparison.isEqual()).as("%s", comparison).isTrue();
                }
            }
        }
    }

    private static Workload loaded(String database, long seed, int connections, int transactions) {
        server.createDatabase(database);
        Supplier<Connection> supplier = () -> server.connect(database);
        Workload load = new Workload(seed, connections);
        try (Connection connection = supplier.get()) {
            load.createSchema(connection);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
        load.run(supplier, transactions);
        return load;
    }
}
