package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.testkit.FaultProxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * SIGTERM and {@code --until caught-up}: how a gateway ends, in whatever state it is. It has a
 * pipeline in every pair of engines, and they are all in that state at the same time.
 */
final class DrainTest {

    private static final List<String> TABLES = List.of("public.event");
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    /** What is promised, and what a busy machine takes to let a process go. */
    private static final Duration ENDS_WITHIN = Duration.ofSeconds(12);

    private final Map<Pair, FaultProxy> proxies = new EnumMap<>(Pair.class);
    private final Map<Pair, EventLoad> loads = new EnumMap<>(Pair.class);

    @TempDir private Path folder;

    @Test
    void whileItCopiesItEndsInTimeAndTheNextRunCopiesAnew() throws Exception {
        try (SeveralPairs pairs = pairs()) {
            pairs.each(
                    (pair, sites) -> {
                        proxies.put(pair, sites.proxySource());
                        proxy(pair).limit(300_000);
                        sites.onSource(
                                "CREATE TABLE wide (id int PRIMARY KEY, filler text)",
                                "INSERT INTO wide SELECT g, repeat('x', 500) FROM "
                                        + pair.numbers(20_000));
                    });
            String config = pairs.configFile(folder);
            try (GatewayProcess gateway = GatewayProcess.start("run", "-c", config)) {
                pairs.each((pair, sites) -> awaitPhase(sites, "COPYING"));
                requireEndsInTime(gateway);
            }
            pairs.each(
                    (pair, sites) -> {
                        assertThat(sites.queryTarget("SELECT phase FROM sluice.checkpoint"))
                                .isEqualTo("COPYING");
                        proxy(pair).heal();
                    });
            requireCatchesUp(config);
            pairs.each(
                    (pair, sites) ->
                            assertThat(sites.compare(List.of("public.wide")).isEqual()).isTrue());
        }
    }

    @Test
    void whileItStreamsUnderLoadItEndsInTimeAndTheNextRunContinues() throws Exception {
        try (SeveralPairs pairs = pairs()) {
            String config = pairs.configFile(folder);
            startLoads(pairs);
            try {
                Map<Pair, Integer> seen = new EnumMap<>(Pair.class);
                for (int round = 0; round < 2; round++) {
                    pairs.each((pair, sites) -> seen.put(pair, countOnTarget(sites)));
                    try (GatewayProcess gateway = GatewayProcess.start("run", "-c", config)) {
                        pairs.each(
                                (pair, sites) ->
                                        sites.awaitOnTarget(
                                                "SELECT CASE WHEN count(*) > %d THEN 'more' END"
                                                                .formatted(seen.get(pair))
                                                        + " FROM event",
                                                "more"));
                        requireEndsInTime(gateway);
                    }
                }
            } finally {
                stopLoads();
            }
            requireCatchesUp(config);
            requireEqual(pairs);
        }
    }

    @Test
    void whileItsTargetIsAwayItEndsInTimeAndTheNextRunContinues() throws Exception {
        try (SeveralPairs pairs = pairs()) {
            pairs.each((pair, sites) -> proxies.put(pair, sites.proxyTarget()));
            String config = pairs.configFile(folder);
            try (GatewayProcess gateway = GatewayProcess.start("run", "-c", config)) {
                pairs.each((pair, sites) -> awaitPhase(sites, "STREAMING"));
                pairs.each(
                        (pair, sites) -> {
                            proxy(pair).refuse();
                            proxy(pair).cut();
                            sites.onSource("INSERT INTO event VALUES (1), (1)");
                        });
                pairs.each(
                        (pair, sites) ->
                                TwoSites.await(
                                        PATIENCE,
                                        () -> SeveralPairs.says(gateway, sites, "Tries again")));
                requireEndsInTime(gateway);
            }
            pairs.each((pair, sites) -> proxy(pair).heal());
            requireCatchesUp(config);
            requireEqual(pairs);
        }
    }

    @Test
    void whileItsTargetHangsItEndsInTimeAndTheNextRunContinues() throws Exception {
        try (SeveralPairs pairs = pairs()) {
            pairs.each((pair, sites) -> proxies.put(pair, sites.proxyTarget()));
            String config = pairs.configFile(folder);
            try (GatewayProcess gateway = GatewayProcess.start("run", "-c", config)) {
                pairs.each((pair, sites) -> awaitPhase(sites, "STREAMING"));
                pairs.each(
                        (pair, sites) -> {
                            proxy(pair).stall();
                            sites.onSource("INSERT INTO event VALUES (1), (1)");
                        });
                requireEndsInTime(gateway);
            }
            pairs.each(
                    (pair, sites) -> {
                        proxy(pair).cut();
                        proxy(pair).heal();
                    });
            requireCatchesUp(config);
            requireEqual(pairs);
        }
    }

    @Test
    void untilCaughtUpEndsOnAnIdleSourceAndUnderLoad() throws Exception {
        try (SeveralPairs pairs = pairs()) {
            pairs.each(
                    (pair, sites) ->
                            sites.onSource("INSERT INTO event SELECT g FROM " + pair.numbers(900)));
            String config = pairs.configFile(folder);
            requireCatchesUp(config);
            requireEqual(pairs);
            requireCatchesUp(config);
            startLoads(pairs);
            try {
                requireCatchesUp(config);
            } finally {
                stopLoads();
            }
            requireCatchesUp(config);
            requireEqual(pairs);
        }
    }

    @Test
    void untilCaughtUpTimesOutWithTheReasonWhileTheTargetIsAway() throws Exception {
        try (SeveralPairs pairs = pairs()) {
            pairs.each((pair, sites) -> sites.proxyTarget().refuse());
            String config = pairs.configFile(folder);
            try (GatewayProcess gateway =
                    GatewayProcess.start(
                            "run", "-c", config, "--until", "caught-up", "--timeout", "8s")) {
                assertThat(gateway.awaitExit(180)).as(gateway.errors()).isEqualTo(5);
                assertThat(gateway.errors()).contains("Not caught up within 8 s");
                pairs.each(
                        (pair, sites) ->
                                assertThat(gateway.errors())
                                        .containsPattern(
                                                "(?s)Not caught up .*%s is [A-Z]+: [a-z_]+_target:"
                                                        .formatted(sites.pipeline())));
            }
        }
    }

    private static SeveralPairs pairs() throws Exception {
        SeveralPairs pairs = SeveralPairs.shared();
        pairs.each(EventLoad::prepare);
        return pairs;
    }

    private FaultProxy proxy(Pair pair) {
        return Objects.requireNonNull(proxies.get(pair));
    }

    private void startLoads(SeveralPairs pairs) throws Exception {
        pairs.each((pair, sites) -> loads.put(pair, EventLoad.start(pair, sites)));
    }

    private void stopLoads() throws Exception {
        for (EventLoad load : loads.values()) {
            load.stop();
        }
    }

    private static void awaitPhase(TwoSites sites, String phase) {
        sites.awaitOnTarget("SELECT phase FROM sluice.checkpoint", phase);
    }

    private static void requireEndsInTime(GatewayProcess gateway) throws InterruptedException {
        long begin = System.nanoTime();
        gateway.terminate();
        assertThat(gateway.awaitExit(180)).as(gateway.errors()).isZero();
        assertThat(Duration.ofNanos(System.nanoTime() - begin))
                .as(gateway.errors())
                .isLessThan(ENDS_WITHIN);
    }

    private static void requireCatchesUp(String config) throws InterruptedException {
        try (GatewayProcess gateway =
                GatewayProcess.start(
                        "run", "-c", config, "--until", "caught-up", "--timeout", "120s")) {
            assertThat(gateway.awaitExit(150)).as(gateway.errors()).isZero();
        }
    }

    /** At once, without any more waiting. */
    private static void requireEqual(SeveralPairs pairs) throws Exception {
        pairs.each(
                (pair, sites) ->
                        assertThat(sites.compare(TABLES).isEqual())
                                .as("%s", sites.compare(TABLES))
                                .isTrue());
    }

    private static int countOnTarget(TwoSites sites) {
        String there =
                sites.queryTarget(
                        "SELECT count(*) FROM information_schema.tables WHERE"
                                + " concat(table_schema, '.', table_name) = '%s'"
                                        .formatted(sites.targetName("event")));
        return "1".equals(there)
                ? Integer.parseInt(String.valueOf(sites.queryTarget("SELECT count(*) FROM event")))
                : 0;
    }
}
