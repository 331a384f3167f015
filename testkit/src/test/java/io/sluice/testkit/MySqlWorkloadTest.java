package io.sluice.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.abort;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class MySqlWorkloadTest {
    private static final List<String> STEPS =
            List.of(
                    "INSERT_MANY",
                    "KEY_CHANGE",
                    "KEY_SWAP",
                    "KEYLESS_DELETE",
                    "KEYLESS_UPDATE",
                    "LARGE_UNCHANGED",
                    "MIXED_CASE_ADD",
                    "ORDER_RENUMBER",
                    "ROLLBACK",
                    "SAVEPOINT_RELEASE",
                    "SAVEPOINT_ROLLBACK",
                    "TRUNCATE_ONE",
                    "TYPES_UPDATE",
                    "UNIQUE_ROTATE",
                    "UNIQUE_ROTATE_NULLABLE");

    private static MySqlServer server;

    @BeforeAll
    static void start() {
        server = Servers.mysql(Durability.FAST);
    }

    @AfterAll
    static void end() {
        server.close();
    }

    @Test
    void theSameSeedMakesTheSameHistoryOnOneConnection() throws Exception {
        Workload one = loaded("same_1", 42, 1, 300);
        Workload two = loaded("same_2", 42, 1, 300);
        Workload other = loaded("other", 43, 1, 300);
        assertThat(one.counts()).isEqualTo(two.counts());
        assertThat(one.counts()).isNotEqualTo(other.counts());
        try (Connection left = server.connect("same_1");
                Connection right = server.connect("same_2")) {
            Comparison same = Comparer.compareAcross(left, right, tables("same_1", "same_2"));
            assertThat(same.isEqual()).as("%s", same).isTrue();
            assertThat(same.rows()).isGreaterThan(500);
            // What a load ends with may be a truncate.
            assertThat(same.tables())
                    .filteredOn(table -> !table.name().equals("same_1.scratch"))
                    .allMatch(table -> table.leftRows() > 0);
            Comparison different = Comparer.compareAcross(left, right, tables("same_1", "other"));
            assertThat(different.isEqual()).isFalse();
        }
    }

    @Test
    void everyStepComesUpOnSeveralConnectionsAndFewTransactionsCollide() {
        Workload.Counts counts = loaded("several", 7, 4, 1_500).counts();
        assertThat(counts.steps().keySet()).containsAll(STEPS);
        assertThat(counts.committedTransactions()).isGreaterThan(1_000);
        assertThat(counts.failedTransactions()).as("%s", counts).isLessThan(300);
        assertThat(
                        MySqlServerTest.query(
                                server,
                                "several",
                                "SELECT count(*) FROM document WHERE length(body) > 8000"))
                .isNotEqualTo("0");
    }

    @Test
    void itGoesOnAfterACrashOfTheServer() {
        try (MySqlServer crashing = Servers.mysql(Durability.REAL, Map.of())) {
            crashing.createDatabase("load");
            Workload load = Workload.mysql(5, 3);
            createSchema(load, crashing, "load");
            load.start(() -> crashing.connect("load"), 50);
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> load.counts().committedTransactions() > 20);
            crashing.kill();
            long before = load.counts().committedTransactions();
            crashing.start();
            await().atMost(Duration.ofSeconds(120))
                    .until(() -> load.counts().committedTransactions() > before + 50);
            load.stop();
        }
    }

    @Test
    void theOldVersionTakesTheSameLoad() throws SQLException {
        MySqlBinaries old = null;
        try {
            old = MySqlBinaries.old();
        } catch (ServerException e) {
            abort(e.getMessage());
        }
        loaded("newer", 11, 1, 200);
        try (MySqlServer older = Servers.mysql(old, Durability.FAST, Map.of())) {
            older.createDatabase("older");
            Workload load = Workload.mysql(11, 1);
            createSchema(load, older, "older");
            load.run(() -> older.connect("older"), 200);
            try (Connection left = server.connect("newer");
                    Connection right = older.connect("older")) {
                Comparison comparison =
                        Comparer.compareAcross(left, right, tables("newer", "older"));
                assertThat(comparison.isEqual()).as("%s", comparison).isTrue();
            }
        }
    }

    private static Map<String, String> tables(String left, String right) {
        return Workload.MYSQL_TABLES.stream()
                .collect(Collectors.toMap(name -> left + "." + name, name -> right + "." + name));
    }

    private static Workload loaded(String database, long seed, int connections, int transactions) {
        server.createDatabase(database);
        Workload load = Workload.mysql(seed, connections);
        createSchema(load, server, database);
        load.run(() -> server.connect(database), transactions);
        return load;
    }

    private static void createSchema(Workload load, MySqlServer server, String database) {
        try (Connection connection = server.connect(database)) {
            load.createSchema(connection);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
