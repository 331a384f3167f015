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

class PostgresServerTest {
    @Test
    void rowsCommittedBeforeAKillAreThereAfterTheRestart() throws SQLException {
        try (PostgresServer server = Servers.postgres(Durability.REAL)) {
            server.createDatabase("shop");
            try (Connection connection = server.connect("shop");
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE TABLE t AS SELECT generate_series(1, 1000) AS id");
                server.kill();
                assertThat(server.isRunning()).isFalse();
                assertThatThrownBy(() -> statement.execute("SELECT 1"))
                        .isInstanceOf(SQLException.class);
            }
            assertThatThrownBy(() -> server.connect("shop")).isInstanceOf(ServerException.class);
            server.start();
            assertThat(query(server, "shop", "SELECT count(*) FROM t")).isEqualTo("1000");
            assertThat(server.log())
                    .content()
                    .contains("database system was not properly shut down");
        }
    }

    @Test
    void anOrderlyRestartKeepsPortAndDataAndNeedsNoRecovery() {
        try (PostgresServer server = Servers.postgres(Durability.FAST)) {
            server.createDatabase("kept");
            int port = server.port();
            server.restart();
            assertThat(server.port()).isEqualTo(port);
            assertThat(query(server, "kept", "SELECT current_database()")).isEqualTo("kept");
            assertThat(server.log()).content().doesNotContain("not properly shut down");
        }
    }

    @Test
    void aPausedServerHoldsAQueryUntilItIsResumed() throws Exception {
        try (PostgresServer server = Servers.postgres(Durability.FAST);
                Connection connection = server.connect("postgres");
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
        }
    }

    @Test
    void aPausedServerCanBeKilled() {
        try (PostgresServer server = Servers.postgres(Durability.FAST)) {
            server.pause();
            server.kill();
            server.start();
            assertThat(query(server, "postgres", "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void twoServersSideBySideAreDifferentSystems() {
        String identifier = "SELECT system_identifier FROM pg_control_system()";
        try (PostgresServer one = Servers.postgres(Durability.FAST);
                PostgresServer two = Servers.postgres(Durability.FAST)) {
            assertThat(one.port()).isNotEqualTo(two.port());
            assertThat(query(one, "postgres", identifier))
                    .isNotEqualTo(query(two, "postgres", identifier));
        }
    }

    @Test
    void itIsReadyForLogicalReplicationAndTakesSettingsOfTheTest() {
        try (PostgresServer server =
                Servers.postgres(Durability.FAST, Map.of("wal_sender_timeout", "7s"))) {
            assertThat(query(server, "postgres", "SHOW wal_level")).isEqualTo("logical");
            assertThat(query(server, "postgres", "SHOW server_encoding")).isEqualTo("UTF8");
            assertThat(query(server, "postgres", "SHOW fsync")).isEqualTo("off");
            assertThat(query(server, "postgres", "SHOW wal_sender_timeout")).isEqualTo("7s");
            server.setting("work_mem", "7MB");
            assertThat(query(server, "postgres", "SHOW work_mem")).isEqualTo("7MB");
        }
    }

    @Test
    void nobodyEntersWithoutThePassword() {
        PostgresServer server = Servers.sharedPostgres();
        assertThatThrownBy(
                        () ->
                                java.sql.DriverManager.getConnection(
                                        server.url("postgres"), server.superuser(), "wrong"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("password");
    }

    @Test
    void aDatabaseWithASlotCanBeDropped() {
        PostgresServer server = Servers.sharedPostgres();
        String name = "odd \"name\" ü";
        String url = server.createDatabase(name);
        assertThat(url).startsWith("jdbc:postgresql://127.0.0.1:");
        query(server, name, "SELECT pg_create_logical_replication_slot('s1', 'pgoutput')::text");
        server.dropDatabase(name);
        assertThat(query(server, "postgres", "SELECT count(*) FROM pg_replication_slots"))
                .isEqualTo("0");
        assertThatThrownBy(() -> server.connect(name)).isInstanceOf(ServerException.class);
    }

    @Test
    void closingEndsTheProcessesAndRemovesTheFolder() {
        PostgresServer server =
                Servers.postgres(PostgresBinaries.embedded(), Durability.FAST, Map.of());
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
        assertThatThrownBy(
                        () ->
                                Servers.postgres(
                                        PostgresBinaries.embedded(), Durability.FAST, settings))
                .isInstanceOf(ServerException.class)
                .hasMessageContaining("no_such_setting");
    }

    @Test
    void theVersionsInstalledOnTheMachineRunToo() {
        for (PostgresBinaries binaries : PostgresBinaries.installed()) {
            try (PostgresServer server = Servers.postgres(binaries, Durability.FAST, Map.of())) {
                assertThat(query(server, "postgres", "SHOW server_version_num"))
                        .startsWith(Integer.toString(binaries.major()));
            }
        }
    }

    static String query(PostgresServer server, String database, String sql) {
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
