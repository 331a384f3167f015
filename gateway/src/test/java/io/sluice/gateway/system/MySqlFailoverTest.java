package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.pipeline.PipelineStatus.Failure;
import io.sluice.gateway.rpo.Exposure.Basis;
import io.sluice.testkit.Durability;
import io.sluice.testkit.FaultProxy;
import io.sluice.testkit.MySqlServer;
import io.sluice.testkit.Servers;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Where a MySQL source's log goes on: in another file, or on another server. */
final class MySqlFailoverTest {

    private static final Duration A_WHILE = Duration.ofSeconds(180);

    /** Known to both servers: the account of the kit has another password on each. */
    private static final String READER = "reader";

    @Test
    void withoutGtidsAnIdleSourceIsCaughtUpAfterItsLogWasRotated() throws Exception {
        try (MySqlServer plain =
                        Servers.mysql(
                                Durability.FAST,
                                Map.of("gtid_mode", "OFF", "enforce_gtid_consistency", "OFF"));
                TwoSites sites =
                        TwoSites.between(plain, Servers.sharedPostgres())
                                .with("heartbeat: 200ms")) {
            sites.onSource("CREATE TABLE item (id int PRIMARY KEY)");
            try (Gateway gateway = new Gateway(sites.config())) {
                Watching.awaitStreaming(gateway);
                String before = Watching.status(gateway).position();
                sites.onSource("FLUSH BINARY LOGS");
                String file = sites.querySource("SHOW BINARY LOG STATUS");
                assertThat(before).doesNotContain(String.valueOf(file));
                TwoSites.await(
                        A_WHILE,
                        () ->
                                String.valueOf(Watching.status(gateway).position())
                                                .startsWith(file + ":")
                                        && Watching.status(gateway).state()
                                                == PipelineState.STREAMING
                                        && Watching.status(gateway).exposure().basis()
                                                == Basis.IDLE);
                sites.onSource("INSERT INTO item VALUES (1)");
                sites.awaitOnTarget("SELECT count(*) FROM item", "1");
            }
        }
    }

    /** A table without a key would show a row that came twice. */
    @Test
    void aReplicaThatTakesOverIsReadOnFromAndOneThatLacksTransactionsIsAGap() throws Exception {
        try (MySqlServer first = Servers.mysql(Durability.REAL);
                MySqlServer second = Servers.mysql(Durability.REAL)) {
            replicate(first, second);
            try (TwoSites sites =
                    TwoSites.between(first, Servers.sharedPostgres())
                            .with("heartbeat: 200ms")
                            .login("source", READER, READER)) {
                FaultProxy address = sites.proxySource();
                sites.onSource("CREATE TABLE item (n int, word varchar(9))");
                write(first, sites, 1, 50);
                try (Gateway gateway = new Gateway(sites.config())) {
                    Watching.awaitStreaming(gateway);
                    write(first, sites, 51, 100);
                    awaitRows(sites, 100);

                    address.stall();
                    write(first, sites, 101, 150);
                    sites.onSource("ALTER TABLE item ADD COLUMN size int");
                    write(first, sites, 151, 200);
                    awaitReplica(first, second);
                    first.kill();
                    run(second, "STOP REPLICA", "RESET REPLICA ALL");
                    address.redirect(second.host(), second.port());
                    address.reset();
                    address.resume();
                    write(second, sites, 201, 250);
                    awaitRows(sites, 250);
                    Watching.awaitState(gateway, PipelineState.STREAMING, A_WHILE);
                    assertThat(sites.queryTarget("SELECT count(DISTINCT n) FROM item"))
                            .isEqualTo("250");

                    String lacking = "%s:1-50".formatted(ask(second, "SELECT @@server_uuid"));
                    first.start();
                    address.redirect(first.host(), first.port());
                    address.reset();
                    Failure failure = Watching.awaitFailed(gateway);
                    assertThat(failure.gap()).as(failure.message()).isNotNull();
                    assertThat(failure.message()).contains(lacking).contains("recopy");
                    assertThat(sites.queryTarget("SELECT count(*) FROM item")).isEqualTo("250");
                }
            }
        }
    }

    /** Makes the one server a replica of the other. */
    static void replicate(MySqlServer from, MySqlServer to) {
        for (MySqlServer server : new MySqlServer[] {from, to}) {
            run(server, "RESET BINARY LOGS AND GTIDS");
        }
        run(
                to,
                "CHANGE REPLICATION SOURCE TO SOURCE_HOST = '%s', SOURCE_PORT = %d, SOURCE_USER ="
                                .formatted(from.host(), from.port())
                        + " '%s', SOURCE_PASSWORD = '%s', SOURCE_AUTO_POSITION = 1,"
                                .formatted(from.superuser(), from.password())
                        + " GET_SOURCE_PUBLIC_KEY = 1",
                "START REPLICA");
        run(
                from,
                "CREATE USER %s IDENTIFIED BY '%s'".formatted(READER, READER),
                "GRANT ALL ON *.* TO " + READER);
    }

    static void awaitReplica(MySqlServer from, MySqlServer to) {
        String all = ask(from, "SELECT @@GLOBAL.gtid_executed");
        assertThat(ask(to, "SELECT WAIT_FOR_EXECUTED_GTID_SET('%s', 60)".formatted(all)))
                .isEqualTo("0");
    }

    private static void write(MySqlServer server, TwoSites sites, int from, int to) {
        String[] inserts = new String[to - from + 1];
        for (int n = from; n <= to; n++) {
            inserts[n - from] =
                    "INSERT INTO %s.item (n, word) VALUES (%d, 'word')"
                            .formatted(sites.sourceDatabase, n);
        }
        run(server, inserts);
    }

    private static void awaitRows(TwoSites sites, int rows) {
        sites.awaitOnTarget("SELECT count(*) FROM item", Integer.toString(rows));
    }

    private static String ask(MySqlServer server, String query) {
        return String.valueOf(TwoSites.query(server.connect(""), query));
    }

    static void run(MySqlServer server, String... statements) {
        try (Connection connection = server.connect("");
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
