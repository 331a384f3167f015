package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineStatus;
import io.sluice.testkit.DatabaseServer;
import io.sluice.testkit.Durability;
import io.sluice.testkit.FaultProxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A gateway that polls dies by SIGKILL, and servers too, while the source is written to. */
final class KeyBasedKillTest {

    /** Replays a run: {@code -Dsluice.seed=N}. */
    private static final long SEED = Long.getLong("sluice.seed", System.nanoTime());

    private static final int FIRST_ROWS = 3_000;

    @TempDir private Path folder;

    @Test
    void aKillBetweenRowsAndCursorLosesAndRepeatsNothing() throws Exception {
        kills(Pair.POSTGRES_TO_POSTGRES, List.of("ROWS_WRITTEN:3", "COMMITTED:9"), 0);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("slow")
    void killsOfGatewayAndServersAndCutConnectionsLoseNothing(Pair pair) throws Exception {
        kills(pair, List.of("ROWS_WRITTEN:2", "COMMITTED:4", "ROWS_WRITTEN:20"), 3);
    }

    private void kills(Pair pair, List<String> failpoints, int rounds) throws Exception {
        SplittableRandom random = new SplittableRandom(SEED);
        try (TwoSites sites = sites(pair)) {
            FaultProxy toSource = sites.proxySource();
            FaultProxy toTarget = sites.proxyTarget();
            create(pair, sites);
            KeyBasedTest.mayOnlySelect(sites, pair);
            try (Writer writer = new Writer(sites, pair)) {
                // No sweep yet: it would mend what a kill had lost.
                Path config =
                        Files.writeString(
                                folder.resolve("sluice.yaml"),
                                sites.yaml().replace("sweep: 500ms", "sweep: 1h"));
                for (String failpoint : failpoints) {
                    killAt(failpoint, config);
                }
                for (int round = 0; round < rounds; round++) {
                    try (GatewayProcess gateway = start(List.of(), config)) {
                        writer.awaitMore(20 + random.nextInt(30));
                        toSource.cut();
                        writer.awaitMore(20);
                        toTarget.cut();
                        restart(random.nextBoolean() ? sites.sourceServer : sites.targetServer);
                        writer.awaitMore(20);
                        assertThat(gateway.isAlive()).as(gateway.errors()).isTrue();
                        gateway.kill();
                    }
                }
            }
            try (Gateway gateway = new Gateway(sites.config())) {
                TwoSites.await(Duration.ofSeconds(120), gateway::isCaughtUp);
                sites.awaitEqual(Duration.ofSeconds(120), List.of("public.item"));
                // A sweep counts what it did when it has committed it.
                TwoSites.await(
                        Duration.ofSeconds(30),
                        () -> Watching.status(gateway).sweeps().deleted() > 0);
                PipelineStatus status = Watching.status(gateway);
                assertThat(status.failure()).as("seed %d", SEED).isNull();
                assertThat(status.sweeps().written()).as("seed %d", SEED).isZero();
            }
        }
    }

    private static void killAt(String failpoint, Path config) throws InterruptedException {
        try (GatewayProcess gateway = start(List.of("-Dsluice.failpoint=" + failpoint), config)) {
            assertThat(gateway.awaitFailpoint(180))
                    .as("seed %d: %s is reached\n%s", SEED, failpoint, gateway.errors())
                    .isTrue();
            gateway.kill();
        }
    }

    private static GatewayProcess start(List<String> options, Path config) {
        return GatewayProcess.startWith(options, "run", "-c", config.toString());
    }

    private static void restart(DatabaseServer server) {
        server.kill();
        server.start();
    }

    private static TwoSites sites(Pair pair) {
        return pair.sites(Durability.REAL)
                .mode("key-based")
                .tables("[\"*.item\"]")
                .with("cursor: changed")
                .with("apply: {maxRows: 200}")
                .with("interval: 50ms")
                // A statement of MySQL takes less, even on a busy machine.
                .with(pair.fromMySql ? "overlap: 10s" : "overlap: 100ms")
                .with("deletes: {sweep: 500ms}");
    }

    private static void create(Pair pair, TwoSites sites) {
        sites.onSource(
                "CREATE TABLE item (id %s PRIMARY KEY, changed %s NOT NULL, v varchar(40))"
                        .formatted(
                                pair.fromMySql ? "int AUTO_INCREMENT" : "serial",
                                pair.fromMySql ? "timestamp(6)" : "timestamptz"),
                "CREATE INDEX item_changed ON item (changed)",
                "INSERT INTO item (changed, v) SELECT CURRENT_TIMESTAMP, 'first' FROM "
                        + pair.numbers(FIRST_ROWS));
    }

    /** Inserts, updates and deletes, one transaction after the other, past any restart. */
    private static final class Writer implements AutoCloseable {

        private final TwoSites sites;
        private final String now;
        private final AtomicLong written = new AtomicLong();
        private final Thread thread;
        private volatile boolean stopping;

        Writer(TwoSites sites, Pair pair) {
            this.sites = sites;
            now = pair.fromMySql ? "CURRENT_TIMESTAMP(6)" : "clock_timestamp()";
            thread = Thread.ofVirtual().start(this::run);
        }

        void awaitMore(int transactions) {
            long goal = written.get() + transactions;
            TwoSites.await(Duration.ofSeconds(120), () -> written.get() >= goal);
        }

        private void run() {
            SplittableRandom random = new SplittableRandom(SEED);
            while (!stopping) {
                try (Connection connection = sites.source();
                        Statement statement = connection.createStatement()) {
                    while (!stopping) {
                        write(statement, 1 + random.nextInt(FIRST_ROWS));
                        written.incrementAndGet();
                    }
                } catch (SQLException | RuntimeException e) {
                    // The server is down for a moment.
                }
            }
        }

        private void write(Statement statement, int id) throws SQLException {
            statement.execute("INSERT INTO item (changed, v) VALUES (%s, 'new')".formatted(now));
            statement.execute(
                    "UPDATE item SET changed = %s, v = 'other' WHERE id = %d".formatted(now, id));
            statement.execute("DELETE FROM item WHERE id = %d".formatted(id / 2));
        }

        @Override
        public void close() throws InterruptedException {
            stopping = true;
            thread.join();
        }
    }
}
