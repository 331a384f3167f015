package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.testkit.Comparison;
import io.sluice.testkit.MySqlServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One transaction much larger than the heap is applied whole. */
final class HugeTransactionTest {

    private static final Logger LOG = LoggerFactory.getLogger(HugeTransactionTest.class);

    /** What a JVM holds beside its heap: code, classes, threads, the collector's own, buffers. */
    private static final long BESIDE_THE_HEAP = 400L << 20;

    /** Millions of rows are worth the compiler's best. */
    private static final String OPTIMIZED = "-XX:TieredStopAtLevel=4";

    @TempDir private Path folder;

    @Test
    void aTransactionLargerThanTheHeapIsAppliedWhole() throws Exception {
        try (TwoSites sites = sites(Pair.POSTGRES_TO_POSTGRES)) {
            applyHuge(Pair.POSTGRES_TO_POSTGRES, sites, 200_000, "-Xmx160m", Duration.ofMinutes(2));
            requireEqual(sites);
        }
    }

    @Test
    @Tag("slow")
    void fiveMillionRowsWithAHeapOf512MebibytesAreAppliedWholeAndSoAreTheirChanges()
            throws Exception {
        try (TwoSites sites = sites(Pair.POSTGRES_TO_POSTGRES)) {
            applyHuge(
                    Pair.POSTGRES_TO_POSTGRES,
                    sites,
                    5_000_000,
                    "-Xmx512m",
                    Duration.ofMinutes(10));
            changeMany(sites, 100_000);
            requireEqual(sites);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRES_TO_MYSQL", "MYSQL_TO_POSTGRES"})
    @Tag("slow")
    void soItIsBetweenTheEngines(Pair pair) throws Exception {
        try (TwoSites sites = sites(pair)) {
            applyHuge(pair, sites, 200_000, "-Xmx160m", Duration.ofMinutes(5));
            requireEqual(sites);
        }
    }

    @Test
    @Tag("slow")
    void aMillionRowsOfMySqlWithAHeapOf512MebibytesAreAppliedWhole() throws Exception {
        try (TwoSites sites = sites(Pair.MYSQL_TO_MYSQL)) {
            applyHuge(Pair.MYSQL_TO_MYSQL, sites, 1_000_000, "-Xmx512m", Duration.ofMinutes(10));
            requireEqual(sites);
        }
    }

    @ParameterizedTest
    @EnumSource
    @Tag("slow")
    void aKillInTheMiddleOfAHugeTransactionLeavesNothingOfItAndItIsAppliedOnce(Pair pair)
            throws Exception {
        int rows = 100_000;
        try (TwoSites sites = sites(pair)) {
            String config = sites.configFile(folder).toString();
            try (GatewayProcess gateway =
                    GatewayProcess.startWith(
                            List.of("-Xmx256m", "-Dsluice.failpoint=CHUNK_WRITTEN:5"),
                            "run",
                            "-c",
                            config)) {
                awaitStreaming(sites);
                insert(pair, sites, rows);
                assertThat(gateway.awaitFailpoint(120)).as(gateway.errors()).isTrue();
                gateway.kill();
            }
            assertThat(parts(sites)).isZero();
            assertThat(sites.queryTarget("SELECT count(*) FROM mark")).isEqualTo("0");
            try (GatewayProcess gateway = GatewayProcess.start("run", "-c", config)) {
                Watch watch = new Watch(sites);
                awaitRows(sites, rows, Duration.ofMinutes(5));
                watch.requireNeverAPart();
                gateway.terminate();
                assertThat(gateway.awaitExit(120)).as(gateway.errors()).isZero();
            }
            requireEqual(sites);
        }
    }

    private static TwoSites sites(Pair pair) {
        TwoSites sites = pair.shared().with("heartbeat: 500ms");
        sites.onSource(
                "CREATE TABLE big (id int PRIMARY KEY, word text NOT NULL, n bigint)",
                "CREATE TABLE mark (n int)");
        pair.logWholeRows(sites, "mark");
        return sites;
    }

    private void applyHuge(Pair pair, TwoSites sites, int rows, String heap, Duration atMost)
            throws Exception {
        Path collections = folder.resolve("gc.log");
        String config = sites.configFile(folder).toString();
        try (GatewayProcess gateway =
                GatewayProcess.startWith(
                        List.of(heap, OPTIMIZED, "-Xlog:gc:file=" + collections),
                        "run",
                        "-c",
                        config)) {
            awaitStreaming(sites);
            Watch watch = new Watch(sites);
            insert(pair, sites, rows);
            long begin = System.nanoTime();
            awaitRows(sites, rows, atMost);
            double seconds = (System.nanoTime() - begin) / 1e9;
            watch.requireNeverAPart();
            long resident = gateway.peakResidentBytes();
            gateway.terminate();
            assertThat(gateway.awaitExit(120)).as(gateway.errors()).isZero();
            LOG.info(
                    "{} rows in one transaction, {}: {} rows/s, peak heap {} MiB, peak resident {}"
                            + " MiB, {} looks at the target",
                    rows,
                    heap,
                    Math.round(rows / seconds),
                    peakHeapMebibytes(collections),
                    resident >> 20,
                    watch.looks.get());
            long heapBytes = Long.parseLong(heap.replaceAll("[^0-9]", "")) << 20;
            assertThat(resident).isLessThan(heapBytes + BESIDE_THE_HEAP);
            assertThat(gateway.errors()).doesNotContain("OutOfMemory");
        }
    }

    private void changeMany(TwoSites sites, int rows) throws Exception {
        String config = sites.configFile(folder).toString();
        try (GatewayProcess gateway =
                GatewayProcess.startWith(List.of("-Xmx512m"), "run", "-c", config)) {
            measure(
                    sites,
                    rows,
                    "updates",
                    "UPDATE big SET word = 'changed', n = n + 1 WHERE id <= " + rows);
            measure(sites, rows, "deletes", "DELETE FROM big WHERE id <= " + rows);
            gateway.terminate();
            assertThat(gateway.awaitExit(120)).as(gateway.errors()).isZero();
        }
    }

    private static void measure(TwoSites sites, int rows, String what, String sql) {
        int marks = Integer.parseInt(Objects.requireNonNull(marks(sites))) + 1;
        sites.onSource("BEGIN", sql, "INSERT INTO mark VALUES (" + marks + ")", "COMMIT");
        long begin = System.nanoTime();
        TwoSites.await(Duration.ofMinutes(10), () -> Integer.toString(marks).equals(marks(sites)));
        LOG.info(
                "{} {} in one transaction: {} rows/s",
                rows,
                what,
                Math.round(rows / ((System.nanoTime() - begin) / 1e9)));
    }

    private static @Nullable String marks(TwoSites sites) {
        return sites.queryTarget("SELECT count(*) FROM mark");
    }

    private static void insert(Pair pair, TwoSites sites, int rows) {
        sites.onSource(
                "BEGIN",
                "INSERT INTO mark VALUES (1)",
                "INSERT INTO big SELECT g, concat('the word of row ', g), g * 7 FROM "
                        + pair.numbers(rows),
                "COMMIT");
    }

    private static void awaitStreaming(TwoSites sites) {
        sites.awaitOnTarget("SELECT phase FROM sluice.checkpoint", "STREAMING");
    }

    private static void awaitRows(TwoSites sites, int rows, Duration atMost) {
        TwoSites.await(
                atMost,
                () -> "1".equals(sites.queryTarget("SELECT count(*) FROM big WHERE id = " + rows)));
    }

    private static void requireEqual(TwoSites sites) {
        Comparison comparison = sites.compare(List.of("public.big", "public.mark"));
        assertThat(comparison.isEqual()).as("%s", comparison).isTrue();
    }

    /** How many of the transaction's ends are visible: none or both. */
    private static int parts(TwoSites sites) {
        return Integer.parseInt(Objects.requireNonNull(sites.queryTarget(Watch.PARTS)));
    }

    /** The largest heap before any collection; 0 where there was none. */
    private static long peakHeapMebibytes(Path collections) throws IOException {
        Pattern before = Pattern.compile(" (\\d+)M->");
        return Files.readString(collections)
                .lines()
                .map(before::matcher)
                .filter(Matcher::find)
                .mapToLong(found -> Long.parseLong(found.group(1)))
                .max()
                .orElse(0);
    }

    /** A reader of the target that looks all the time. */
    private static final class Watch {
        static final String PARTS =
                "SELECT (SELECT count(*) FROM mark)"
                        + " + (SELECT count(*) FROM big WHERE id IN (1, 1000))";

        final AtomicLong looks = new AtomicLong();
        private final AtomicBoolean done = new AtomicBoolean();
        private final AtomicReference<String> wrong = new AtomicReference<>("");
        private final Thread reader;

        Watch(TwoSites sites) {
            reader = Thread.ofPlatform().start(() -> look(sites));
        }

        private void look(TwoSites sites) {
            String pause =
                    sites.targetServer instanceof MySqlServer
                            ? ", sleep(0.02)"
                            : ", pg_sleep(0.02)";
            try (Connection target = sites.target();
                    Statement statement = target.createStatement()) {
                while (!done.get()) {
                    try (ResultSet row = statement.executeQuery(PARTS + pause)) {
                        row.next();
                        int parts = row.getInt(1);
                        looks.incrementAndGet();
                        if (parts != 0 && parts != 3) {
                            wrong.set("a reader saw %d of 3 rows".formatted(parts));
                        }
                    }
                }
            } catch (SQLException e) {
                wrong.set(e.toString());
            }
        }

        void requireNeverAPart() throws InterruptedException {
            done.set(true);
            reader.join();
            assertThat(wrong.get()).isEmpty();
            assertThat(looks.get()).isPositive();
        }
    }
}
