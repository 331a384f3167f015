package io.sluice.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class MySqlServerTest {
    @Test
    void rowsCommittedBeforeAKillAreThereAfterTheRestart() throws SQLException {
        try (MySqlServer server = Servers.mysql(Durability.REAL)) {
            server.createDatabase("shop");
            try (Connection connection = server.connect("shop");
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE TABLE t (id int PRIMARY KEY)");
                for (int id = 1; id <= 50; id++) {
                    statement.execute("INSERT INTO t VALUES (" + id + ")");
                }
                server.kill();
                assertThat(server.isRunning()).isFalse();
                assertThatThrownBy(() -> statement.execute("SELECT 1"))
                        .isInstanceOf(SQLException.class);
            }
            assertThatThrownBy(() -> server.connect("shop")).isInstanceOf(ServerException.class);
            server.start();
            assertThat(query(server, "shop", "SELECT count(*) FROM t")).isEqualTo("50");
            assertThat(server.log()).content().contains("Starting XA crash recovery");
        }
    }

    @Test
    void anOrderlyRestartKeepsPortIdentityAndData() {
        try (MySqlServer server = Servers.mysql(Durability.FAST)) {
            server.createDatabase("kept");
            int port = server.port();
            String identity = query(server, "kept", "SELECT @@server_uuid");
            server.restart();
            assertThat(server.port()).isEqualTo(port);
            assertThat(query(server, "kept", "SELECT @@server_uuid")).isEqualTo(identity);
            assertThat(query(server, "kept", "SELECT database()")).isEqualTo("kept");
        }
    }

    @Test
    void aPausedServerHoldsAQueryUntilItIsResumedAndCanBeKilled() throws Exception {
        try (MySqlServer server = Servers.mysql(Durability.FAST);
                Connection connection = server.connect("mysql");
                Statement statement = connection.createStatement()) {
            server.pause();
            assertThat(server.isRunning()).isTrue();
            CompletableFuture<Boolean> query =
                    CompletableFuture.supplyAsync(
                            () -> {
                                try {
                                    return statement.execute("SELECT 1");
                                } catch (SQLException e) {
                                    throw new IllegalStateException(e);
                                }
                            });
            await().during(Duration.ofMillis(500)).until(() -> !query.isDone());
            server.resume();
            await().atMost(Duration.ofSeconds(60)).until(query::isDone);
            assertThat(query.get()).isTrue();
            server.pause();
            server.kill();
            server.start();
            assertThat(query(server, "mysql", "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void twoServersSideBySideAreDifferentOnes() {
        MySqlServer one = Servers.sharedMySql();
        try (MySqlServer two = Servers.mysql(Durability.FAST)) {
            assertThat(one.port()).isNotEqualTo(two.port());
            for (String identity : List.of("SELECT @@server_uuid", "SELECT @@server_id")) {
                assertThat(query(one, "mysql", identity))
                        .isNotEqualTo(query(two, "mysql", identity));
            }
        }
    }

    @Test
    void itIsReadyForReplicationInATimeZoneOfItsOwn() {
        MySqlServer server = Servers.sharedMySql();
        for (Map.Entry<String, String> each :
                Map.of(
                                "log_bin", "1",
                                "binlog_format", "ROW",
                                "binlog_row_image", "FULL",
                                "gtid_mode", "ON",
                                "enforce_gtid_consistency", "ON",
                                "local_infile", "1",
                                "character_set_server", "utf8mb4",
                                "performance_schema", "1",
                                "sync_binlog", "0",
                                "time_zone", "+03:00")
                        .entrySet()) {
            assertThat(query(server, "mysql", "SELECT @@global." + each.getKey()))
                    .as(each.getKey())
                    .isEqualTo(each.getValue());
        }
    }

    @Test
    void settingsOfTheTestWinAndCanBeChangedLater() {
        try (MySqlServer server =
                Servers.mysql(
                        Durability.FAST,
                        Map.of("gtid_mode", "OFF", "enforce_gtid_consistency", "OFF"))) {
            assertThat(query(server, "mysql", "SELECT @@gtid_mode")).isEqualTo("OFF");
            server.setting("binlog_row_image", "MINIMAL");
            assertThat(query(server, "mysql", "SELECT @@binlog_row_image")).isEqualTo("MINIMAL");
            server.setting("wait_timeout", "1234");
            assertThat(query(server, "mysql", "SELECT @@wait_timeout")).isEqualTo("1234");
            server.setting("skip_show_database", "ON"); // only read at a start
            assertThat(query(server, "mysql", "SELECT @@skip_show_database")).isEqualTo("1");
            assertThat(query(server, "mysql", "SELECT @@wait_timeout")).isEqualTo("1234");
        }
    }

    @Test
    void aServerThatFoldsTheNamesOfTablesIsMadeSoFromTheBeginning() {
        try (MySqlServer server =
                Servers.mysql(Durability.FAST, Map.of("lower_case_table_names", "1"))) {
            server.createDatabase("Folded");
            assertThat(query(server, "folded", "SELECT @@lower_case_table_names")).isEqualTo("1");
        }
    }

    @Test
    void nobodyEntersWithoutThePassword() {
        MySqlServer server = Servers.sharedMySql();
        assertThatThrownBy(
                        () ->
                                java.sql.DriverManager.getConnection(
                                        server.url("mysql"), server.superuser(), "wrong"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("Access denied");
    }

    @Test
    void aDatabaseThatIsInUseCanBeDropped() throws SQLException {
        MySqlServer server = Servers.sharedMySql();
        String name = "odd `name` ü";
        String url = server.createDatabase(name);
        assertThat(url).startsWith("jdbc:mysql://127.0.0.1:");
        try (Connection connection = server.connect(name);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("CREATE TABLE t (id int PRIMARY KEY)");
            statement.execute("INSERT INTO t VALUES (1)");
            server.dropDatabase(name);
            assertThatThrownBy(() -> statement.execute("SELECT 1"))
                    .isInstanceOf(SQLException.class);
        }
        assertThatThrownBy(() -> server.connect(name)).isInstanceOf(ServerException.class);
    }

    @Test
    void closingEndsTheProcessesAndRemovesTheFolder() {
        MySqlServer server = Servers.mysql(MySqlBinaries.newest(), Durability.FAST, Map.of());
        Path folder = server.log().getParent();
        List<ProcessHandle> processes =
                ProcessHandle.current()
                        .descendants()
                        .filter(p -> p.info().commandLine().orElse("").contains(folder.toString()))
                        .toList();
        assertThat(processes).isNotEmpty();
        server.close();
        assertThat(folder).doesNotExist();
        await().atMost(Duration.ofSeconds(60))
                .until(() -> processes.stream().noneMatch(ProcessHandle::isAlive));
        assertThatThrownBy(server::start).isInstanceOf(ServerException.class);
    }

    @Test
    void aSettingThatTheServerRefusesIsToldFromItsLog() {
        Map<String, String> settings = Map.of("no_such_setting", "1");
        assertThatThrownBy(() -> Servers.mysql(MySqlBinaries.newest(), Durability.FAST, settings))
                .isInstanceOf(ServerException.class)
                .hasMessageContaining("no_such_setting");
    }

    @Test
    void theOldVersionRunsWhereItCanBeHadAndElseTellsWhatIsMissing() {
        MySqlBinaries old;
        try {
            old = MySqlBinaries.old();
        } catch (ServerException e) {
            assertThat(e).hasMessageContaining("MySQL 8.0.15 is not to be had here: ");
            return;
        }
        try (MySqlServer server = Servers.mysql(old, Durability.REAL, Map.of())) {
            assertThat(query(server, "mysql", "SELECT @@version")).startsWith("8.0.15");
            server.kill();
            server.start();
            assertThat(query(server, "mysql", "SELECT @@gtid_mode")).isEqualTo("ON");
        }
    }

    static String query(MySqlServer server, String database, String sql) {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            assertThat(result.next()).isTrue();
            return result.getString(1);
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }
}
