package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.snapshot.CopyMonitor.Progress;
import io.sluice.testkit.Durability;
import io.sluice.testkit.MySqlServer;
import io.sluice.testkit.PostgresServer;
import io.sluice.testkit.Servers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A copy waits for a real standby of its source, or a source that is a replica, that lags. */
@Tag("slow")
final class LaggingStandbyTest {

    private static final Duration PATIENCE = Duration.ofSeconds(120);

    @Test
    void noPartIsBegunWhileAStandbyLagsAndTheCopyGoesOnWhenItHasCaughtUp() throws Exception {
        try (PostgresServer primary = Servers.postgres(Durability.FAST);
                PostgresServer standby = Servers.postgres(Durability.FAST);
                TwoSites sites =
                        TwoSites.between(primary, Servers.sharedPostgres())
                                .tables("[\"public.item\"]")
                                .with("heartbeat: 200ms")
                                .with(
                                        "copy: {workers: 2, chunkSize: 16KiB,"
                                                + " pauseWhenSourceLagExceeds: 2s}")) {
            follow(primary, standby);
            onStandby(primary, standby, "SELECT pg_wal_replay_pause()");
            sites.onSource(
                    "GRANT pg_monitor TO " + sites.username("source"),
                    "CREATE TABLE item (id int PRIMARY KEY, t text)",
                    "INSERT INTO item SELECT g, repeat('x', 100) FROM generate_series(1, 2000) g");
            TwoSites.await(PATIENCE, () -> lags(sites));
            try (Gateway gateway = new Gateway(sites.config())) {
                TwoSites.await(
                        PATIENCE,
                        () -> {
                            Progress copy = Watching.status(gateway).copy();
                            return copy != null && copy.paused() != null;
                        });
                Progress copy = Objects.requireNonNull(Watching.status(gateway).copy());
                assertThat(copy.paused()).startsWith("lagging lags ").endsWith("more than 2.0 s");
                assertThat(copy.chunksDone()).isZero();
                assertThat(copy.chunks()).isGreaterThan(3);

                onStandby(primary, standby, "SELECT pg_wal_replay_resume()");
                Watching.awaitStreaming(gateway);
                assertThat(Objects.requireNonNull(Watching.status(gateway).copy()).paused())
                        .isNull();
                sites.awaitEqual(PATIENCE, List.of("public.item"));
            }
        }
    }

    /** The replica is what is copied from; its own lag is all that a MySQL server can tell. */
    @Test
    void aMySqlReplicaThatLagsIsNotReadUntilItHasCaughtUp() throws Exception {
        try (MySqlServer primary = Servers.mysql(Durability.FAST);
                MySqlServer replica = Servers.mysql(Durability.FAST)) {
            MySqlFailoverTest.replicate(primary, replica);
            MySqlFailoverTest.run(
                    primary,
                    "CREATE DATABASE behind",
                    "CREATE TABLE behind.t (id int PRIMARY KEY)");
            MySqlFailoverTest.awaitReplica(primary, replica);
            try (TwoSites sites =
                            TwoSites.between(replica, Servers.sharedPostgres())
                                    .tables("[\"*.item\"]")
                                    .with("heartbeat: 200ms")
                                    .with(
                                            "copy: {workers: 2, chunkSize: 16KiB,"
                                                    + " pauseWhenSourceLagExceeds: 2s}");
                    Connection holder = replica.connect("");
                    Statement hold = holder.createStatement()) {
                sites.onSource(
                        "CREATE TABLE item (id int PRIMARY KEY, t varchar(200))",
                        "INSERT INTO item SELECT g, repeat('x', 100) FROM "
                                + Pair.MYSQL_TO_POSTGRES.numbers(2000));
                hold.execute("LOCK TABLES behind.t WRITE");
                MySqlFailoverTest.run(primary, "INSERT INTO behind.t VALUES (1)");
                TwoSites.await(PATIENCE, () -> secondsBehind(replica) > 4);
                try (Gateway gateway = new Gateway(sites.config())) {
                    TwoSites.await(
                            PATIENCE,
                            () -> {
                                Progress copy = Watching.status(gateway).copy();
                                return copy != null && copy.paused() != null;
                            });
                    Progress copy = Objects.requireNonNull(Watching.status(gateway).copy());
                    assertThat(copy.paused())
                            .startsWith("the source itself lags ")
                            .endsWith("more than 2.0 s");
                    assertThat(copy.chunksDone()).isZero();

                    hold.execute("UNLOCK TABLES");
                    Watching.awaitStreaming(gateway);
                    assertThat(Objects.requireNonNull(Watching.status(gateway).copy()).paused())
                            .isNull();
                    sites.awaitEqual(PATIENCE, List.of("public.item"));
                }
            }
        }
    }

    private static long secondsBehind(MySqlServer replica) throws SQLException {
        try (Connection connection = replica.connect("");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW REPLICA STATUS")) {
            return row.next() ? row.getLong("Seconds_Behind_Source") : 0;
        }
    }

    private static boolean lags(TwoSites sites) {
        // What is written makes the standby answer, and so the lag be told anew.
        sites.onSource("SELECT pg_logical_emit_message(true, 'test', 'x')");
        return "t"
                .equals(
                        sites.querySource(
                                "SELECT max(replay_lag) > interval '4 s' FROM"
                                        + " pg_stat_replication"));
    }

    /** Makes the one server a standby of the other, from its data. */
    private static void follow(PostgresServer primary, PostgresServer standby) throws IOException {
        Path from = data(primary);
        Path to = data(standby);
        standby.stop();
        primary.stop();
        String settings = Files.readString(to.resolve("postgresql.conf"));
        try (Stream<Path> walk = Files.walk(to)) {
            for (Path file : walk.sorted(Comparator.reverseOrder()).toList()) {
                if (!file.equals(to)) {
                    Files.delete(file);
                }
            }
        }
        try (Stream<Path> walk = Files.walk(from)) {
            for (Path file : walk.filter(file -> !file.equals(from)).toList()) {
                Files.copy(
                        file,
                        to.resolve(from.relativize(file)),
                        StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        Files.writeString(to.resolve("postgresql.conf"), settings);
        Files.createFile(to.resolve("standby.signal"));
        Files.writeString(
                to.resolve("postgresql.auto.conf"),
                "primary_conninfo = 'host=%s port=%d user=%s password=%s application_name=lagging'\n"
                        .formatted(
                                primary.host(),
                                primary.port(),
                                primary.superuser(),
                                primary.password()),
                StandardOpenOption.APPEND);
        primary.start();
        standby.start();
    }

    private static Path data(PostgresServer server) {
        return Path.of(
                Objects.requireNonNull(
                        TwoSites.query(server.connect("postgres"), "SHOW data_directory")));
    }

    /** Its roles and their passwords are the primary's. */
    private static void onStandby(PostgresServer primary, PostgresServer standby, String sql)
            throws SQLException {
        Connection connection =
                DriverManager.getConnection(
                        standby.url("postgres"), primary.superuser(), primary.password());
        TwoSites.run(connection, sql);
    }
}
