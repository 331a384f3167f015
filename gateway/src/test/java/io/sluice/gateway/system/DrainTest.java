package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.testkit.FaultProxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** SIGTERM and {@code --until caught-up}: how a gateway ends, in whatever state it is. */
final class DrainTest {

    private static final List<String> TABLES = List.of("public.event");

    /** What is promised, and what starting the measurement takes. */
    private static final Duration ENDS_WITHIN = Duration.ofMillis(10_500);

    @TempDir private Path folder;

    @ParameterizedTest
    @EnumSource(names = {"POSTGRES_TO_POSTGRES", "MYSQL_TO_POSTGRES"})
    void whileItCopiesItEndsInTimeAndTheNextRunCopiesAnew(Pair pair) throws Exception {
        try (TwoSites sites = sites(pair)) {
            FaultProxy proxy = sites.proxySource();
            proxy.limit(300_000);
            sites.onSource(
                    "CREATE TABLE wide (id int PRIMARY KEY, filler text)",
                    "INSERT INTO wide SELECT g, repeat('x', 500) FROM " + pair.numbers(20_000));
            String config = sites.configFile(folder).toString();
            try (GatewayProcess gateway = GatewayProcess.start("run", "-c", config)) {
                sites.awaitOnTarget("SELECT phase FROM sluice.checkpoint", "COPYING");
                requireEndsInTime(gateway);
            }
            assertThat(sites.queryTarget("SELECT phase FROM sluice.checkpoint"))
                    .isEqualTo("COPYING");
            proxy.heal();
            requireCatchesUp(config);
            assertThat(sites.compare(List.of("public.wide")).isEqual()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRES_TO_POSTGRES", "MYSQL_TO_MYSQL"})
    void whileItStreamsUnderLoadItEndsInTimeAndTheNextRunContinues(Pair pair) throws Exception {
        try (TwoSites sites = sites(pair);
                Load load = new Load(pair, sites)) {
            String config = sites.configFile(folder).toString();
            for (int round = 0; round < 2; round++) {
                int seen = Integer.parseInt(String.valueOf(countOnTarget(sites)));
                try (GatewayProcess gateway = GatewayProcess.start("run", "-c", config)) {
                    sites.awaitOnTarget(
                            "SELECT CASE WHEN count(*) > %d THEN 'more' END FROM event"
                                    .formatted(seen),
                            "more");
                    requireEndsInTime(gateway);
                }
            }
            load.stop();
            requireCatchesUp(config);
            requireEqual(sites);
        }
    }

    @Test
    void whileItsTargetIsAwayItEndsInTimeAndTheNextRunContinues() throws Exception {
        try (TwoSites sites = sites(Pair.POSTGRES_TO_POSTGRES)) {
            FaultProxy proxy = sites.proxyTarget();
            String config = sites.configFile(folder).toString();
            try (GatewayProcess gateway = GatewayProcess.start("run", "-c", config)) {
                sites.awaitOnTarget("SELECT phase FROM sluice.checkpoint", "STREAMING");
                proxy.refuse();
                proxy.cut();
                sites.onSource("INSERT INTO event VALUES (1), (1)");
                TwoSites.await(
                        Duration.ofSeconds(30), () -> gateway.errors().contains("Tries again"));
                requireEndsInTime(gateway);
            }
            proxy.heal();
            requireCatchesUp(config);
            requireEqual(sites);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRES_TO_POSTGRES", "POSTGRES_TO_MYSQL"})
    void whileItsTargetHangsItEndsInTimeAndTheNextRunContinues(Pair pair) throws Exception {
        try (TwoSites sites = sites(pair)) {
            FaultProxy proxy = sites.proxyTarget();
            String config = sites.configFile(folder).toString();
            try (GatewayProcess gateway = GatewayProcess.start("run", "-c", config)) {
                sites.awaitOnTarget("SELECT phase FROM sluice.checkpoint", "STREAMING");
                proxy.stall();
                sites.onSource("INSERT INTO event VALUES (1), (1)");
                requireEndsInTime(gateway);
            }
            proxy.cut();
            proxy.heal();
            requireCatchesUp(config);
            requireEqual(sites);
        }
    }

    @Test
    void untilCaughtUpEndsOnAnIdleSourceAndUnderLoad() throws Exception {
        Pair pair = Pair.POSTGRES_TO_POSTGRES;
        try (TwoSites sites = sites(pair)) {
            sites.onSource("INSERT INTO event SELECT g FROM " + pair.numbers(900));
            String config = sites.configFile(folder).toString();
            requireCatchesUp(config);
            requireEqual(sites);
            requireCatchesUp(config);
            try (Load load = new Load(pair, sites)) {
                requireCatchesUp(config);
                load.stop();
            }
            requireCatchesUp(config);
            requireEqual(sites);
        }
    }

    @Test
    void untilCaughtUpTimesOutWithTheReasonWhileTheTargetIsAway() throws Exception {
        try (TwoSites sites = sites(Pair.POSTGRES_TO_POSTGRES)) {
            sites.proxyTarget().refuse();
            String config = sites.configFile(folder).toString();
            try (GatewayProcess gateway =
                    GatewayProcess.start(
                            "run", "-c", config, "--until", "caught-up", "--timeout", "3s")) {
                assertThat(gateway.awaitExit(60)).as(gateway.errors()).isEqualTo(5);
                assertThat(gateway.errors())
                        .contains("Not caught up within 3 s", sites.pipeline(), "target");
            }
        }
    }

    private static TwoSites sites(Pair pair) {
        TwoSites sites = pair.shared().with("heartbeat: 200ms");
        sites.onSource("CREATE TABLE event (n int)");
        pair.logWholeRows(sites, "event");
        return sites;
    }

    private static void requireEndsInTime(GatewayProcess gateway) throws InterruptedException {
        long begin = System.nanoTime();
        gateway.terminate();
        assertThat(gateway.awaitExit(30)).as(gateway.errors()).isZero();
        assertThat(Duration.ofNanos(System.nanoTime() - begin))
                .as(gateway.errors())
                .isLessThan(ENDS_WITHIN);
    }

    private static void requireCatchesUp(String config) throws InterruptedException {
        try (GatewayProcess gateway =
                GatewayProcess.start(
                        "run", "-c", config, "--until", "caught-up", "--timeout", "60s")) {
            assertThat(gateway.awaitExit(90)).as(gateway.errors()).isZero();
        }
    }

    /** At once, without any more waiting. */
    private static void requireEqual(TwoSites sites) {
        assertThat(sites.compare(TABLES).isEqual()).as("%s", sites.compare(TABLES)).isTrue();
    }

    private static String countOnTarget(TwoSites sites) {
        String there =
                sites.queryTarget(
                        "SELECT count(*) FROM information_schema.tables WHERE"
                                + " concat(table_schema, '.', table_name) = '%s'"
                                        .formatted(sites.targetName("event")));
        return "1".equals(there) ? sites.queryTarget("SELECT count(*) FROM event") : "0";
    }

    /** Small transactions without end, whose rows are many times the same. */
    private static final class Load implements AutoCloseable {
        private final AtomicBoolean stopped = new AtomicBoolean();
        private final Thread thread;

        Load(Pair pair, TwoSites sites) {
            String pause = pair.fromMySql ? "DO SLEEP(0.005)" : "SELECT pg_sleep(0.005)";
            thread = Thread.ofPlatform().start(() -> write(sites, pause));
        }

        private void write(TwoSites sites, String pause) {
            try (Connection source = sites.source();
                    Statement statement = source.createStatement()) {
                for (int i = 0; !stopped.get(); i++) {
                    statement.execute("INSERT INTO event VALUES (%1$d), (%1$d)".formatted(i % 100));
                    statement.execute(pause);
                }
            } catch (SQLException e) {
                throw new AssertionError(e);
            }
        }

        void stop() throws InterruptedException {
            stopped.set(true);
            thread.join();
        }

        @Override
        public void close() throws InterruptedException {
            stop();
        }
    }
}
