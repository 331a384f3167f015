package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.testkit.DatabaseServer;
import io.sluice.testkit.Durability;
import io.sluice.testkit.Workload;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The gateway dies by SIGKILL again and again while the source is written to. */
final class KillTest {

    private static final Logger LOG = LoggerFactory.getLogger(KillTest.class);

    /** Replays a run: {@code -Dsluice.seed=N}. */
    private static final long SEED = Long.getLong("sluice.seed", System.nanoTime());

    /** In the order of a pipeline's life; with how often each is passed before. */
    private static final List<String> FAILPOINTS =
            List.of(
                    "LOG_STARTED",
                    "COPY_BEGUN",
                    "TABLE_COPIED:4",
                    "COPY_WRITTEN",
                    "ROWS_WRITTEN:3",
                    "COMMITTED",
                    "CHUNK_WRITTEN:1",
                    "ACKNOWLEDGED:5");

    /** The first of them, which are not passed any more once the copy is complete. */
    private static final int COPY_FAILPOINTS = 4;

    private static final int BULK_ROWS = 6_000;

    /**
     * So few that a gateway on a busy machine, which has little time to live, comes to their end.
     */
    private static final int TRANSACTIONS_PER_SECOND = 15;

    @TempDir private Path folder;

    @Test
    void aKillAtEachFailpointUnderLoadLosesAndRepeatsNothing() throws InterruptedException {
        killAtEachFailpoint(Pair.POSTGRES_TO_POSTGRES);
    }

    @Test
    @Tag("slow")
    void aKillAtEachFailpointOnTheWayToMySqlLosesAndRepeatsNothing() throws InterruptedException {
        killAtEachFailpoint(Pair.POSTGRES_TO_MYSQL);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("slow")
    void thirtyKillsInARowAlsoOfTheServersLoseAndRepeatNothing(Pair pair)
            throws InterruptedException {
        SplittableRandom random = new SplittableRandom(SEED);
        try (TwoSites sites = sites(pair);
                Workload load = pair.load(SEED)) {
            begin(pair, sites, load);
            Path config = sites.configFile(folder);
            for (int round = 0; round < 30; round++) {
                killOnce(round, random, pair, sites, load, config);
                LOG.info("killed {} times; {}", round + 1, load.counts());
            }
            load.stop();
            requireEqualAfterRestart(pair, sites, config);
        }
    }

    private void killAtEachFailpoint(Pair pair) throws InterruptedException {
        try (TwoSites sites = sites(pair);
                Workload load = pair.load(SEED)) {
            begin(pair, sites, load);
            Path config = sites.configFile(folder);
            for (String failpoint : FAILPOINTS) {
                killAt(failpoint, pair, sites, config);
            }
            load.stop();
            requireEqualAfterRestart(pair, sites, config);
        }
    }

    /** The first rounds die in the copy; then moments and failpoints take turns. */
    private static void killOnce(
            int round,
            SplittableRandom random,
            Pair pair,
            TwoSites sites,
            Workload load,
            Path config)
            throws InterruptedException {
        if (round >= COPY_FAILPOINTS && round % 2 == 1) {
            try (GatewayProcess gateway = GatewayProcess.start("run", "-c", config.toString())) {
                awaitLoad(load, 20 + random.nextInt(100));
                if (round % 6 == 5) {
                    killServer(random.nextBoolean() ? sites.sourceServer : sites.targetServer);
                    awaitLoad(load, random.nextInt(60));
                }
                assertThat(gateway.isAlive()).as(gateway.errors()).isTrue();
                gateway.kill();
            }
            return;
        }
        int choice =
                round < COPY_FAILPOINTS
                        ? round
                        : COPY_FAILPOINTS + random.nextInt(FAILPOINTS.size() - COPY_FAILPOINTS);
        String name = FAILPOINTS.get(choice).replaceAll(":.*", "");
        int most =
                switch (name) {
                    case "TABLE_COPIED" -> tables(pair).size();
                    case "CHUNK_WRITTEN" -> 2;
                    case "ROWS_WRITTEN", "COMMITTED", "ACKNOWLEDGED" -> 30;
                    default -> 1;
                };
        String failpoint = name + ":" + random.nextInt(most);
        killAt(failpoint, pair, sites, config);
    }

    private static void killAt(String failpoint, Pair pair, TwoSites sites, Path config)
            throws InterruptedException {
        try (GatewayProcess gateway = startWith(failpoint, config)) {
            if (failpoint.startsWith("CHUNK_WRITTEN")) {
                // What is written before the copy is complete comes with the copy.
                awaitFollowing(gateway);
                writeBulk(pair, sites);
            }
            awaitFailpoint(gateway, failpoint);
            gateway.kill();
        }
    }

    private static void awaitFollowing(GatewayProcess gateway) {
        try {
            TwoSites.await(
                    Duration.ofSeconds(300),
                    () ->
                            gateway.errors().contains("-> CATCHING_UP")
                                    || gateway.errors().contains("-> STREAMING")
                                    || gateway.errors().contains("failpoint ")
                                    || !gateway.isAlive());
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("it does not come to follow the log:\n" + gateway.errors(), e);
        }
    }

    private static void killServer(DatabaseServer server) {
        server.kill();
        server.start();
    }

    private static TwoSites sites(Pair pair) {
        return pair.sites(Durability.REAL)
                .with("heartbeat: 200ms")
                .with("copy: {workers: 3, chunkSize: 16KiB}")
                .with("apply: {maxRows: 500}");
    }

    private static void begin(Pair pair, TwoSites sites, Workload load) {
        LOG.info("{}, seed {}", pair, SEED);
        sites.onSource(
                "CREATE TABLE bulk (n int, word text)",
                "CREATE TABLE counter (id int PRIMARY KEY, n bigint NOT NULL)",
                "INSERT INTO counter VALUES (1, 0), (2, 0), (3, 0)");
        if (!pair.fromMySql) {
            sites.onSource("ALTER TABLE bulk REPLICA IDENTITY FULL");
        }
        load.createSchema(sites.source());
        writeBulk(pair, sites);
        load.start(sites::source, TRANSACTIONS_PER_SECOND);
    }

    /** A transaction of several pieces, whose rows are many times the same. */
    private static void writeBulk(Pair pair, TwoSites sites) {
        String numbers =
                pair.fromMySql
                        ? "WITH RECURSIVE g (g) AS (SELECT 1 UNION ALL SELECT g + 1 FROM g WHERE g < %d) SELECT g %% 50, 'word' FROM g"
                        : "SELECT g %% 50, 'word' FROM generate_series(1, %d) g";
        if (pair.fromMySql) {
            sites.onSource(
                    "SET SESSION cte_max_recursion_depth = 1000000",
                    "BEGIN",
                    "INSERT INTO bulk " + numbers.formatted(BULK_ROWS),
                    "UPDATE counter SET n = n + 1",
                    "COMMIT");
        } else {
            sites.onSource(
                    "BEGIN",
                    "INSERT INTO bulk " + numbers.formatted(BULK_ROWS),
                    "UPDATE counter SET n = n + 1",
                    "COMMIT");
        }
    }

    private static GatewayProcess startWith(String failpoint, Path config) {
        LOG.info("failpoint {}", failpoint);
        return GatewayProcess.startWith(
                List.of("-Xmx256m", "-Dsluice.failpoint=" + failpoint),
                "run",
                "-c",
                config.toString());
    }

    private static void awaitFailpoint(GatewayProcess gateway, String failpoint)
            throws InterruptedException {
        assertThat(gateway.awaitFailpoint(300))
                .as("seed %d: %s is reached\n%s", SEED, failpoint, gateway.errors())
                .isTrue();
    }

    private static void awaitLoad(Workload load, int transactions) {
        long goal = load.counts().committedTransactions() + transactions;
        TwoSites.await(
                Duration.ofSeconds(180), () -> load.counts().committedTransactions() >= goal);
    }

    private static void requireEqualAfterRestart(Pair pair, TwoSites sites, Path config)
            throws InterruptedException {
        try (GatewayProcess gateway =
                GatewayProcess.start(
                        "run",
                        "-c",
                        config.toString(),
                        "--until",
                        "caught-up",
                        "--timeout",
                        "5m")) {
            assertThat(gateway.awaitExit(330)).as("seed %d\n%s", SEED, gateway.errors()).isZero();
        }
        List<String> tables = tables(pair);
        assertThat(sites.compare(tables).isEqual())
                .as("seed %d: %s", SEED, sites.compare(tables))
                .isTrue();
    }

    private static List<String> tables(Pair pair) {
        return pair.tables("public.bulk", "public.counter");
    }
}
