package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.testkit.DatabaseServer;
import io.sluice.testkit.Servers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A database that is added to others while their users write. */
@Tag("slow")
final class JoinTest {

    /** Replays what is written, though not when: {@code -Dsluice.seed=N}. */
    private static final long SEED = Long.getLong("sluice.seed", System.nanoTime());

    private static final List<String> TABLES = List.of("public.item");

    private static final int KEYS = 12_000;

    private static final Duration PACE = Duration.ofMillis(50);

    /** For as long all write the same few rows, and never again: nothing heals a wrong decision. */
    private static final Duration TOGETHER = Duration.ofMillis(200);

    private static final String PARTS =
            "SELECT count(DISTINCT done) FROM sluice.copy_progress WHERE pipeline = 'test:sitea->sitec'";

    private static final Duration LONG = Duration.ofSeconds(240);

    private static final String FILLING =
            """
            INSERT INTO item WITH RECURSIVE g (i) AS
              (SELECT 1 UNION ALL SELECT i + 1 FROM g WHERE i < %d)
            SELECT i, 0, repeat('w', 60) FROM g WHERE i %% 4 <> 0
            """
                    .formatted(KEYS);

    @TempDir private Path folder;

    private final long began = System.nanoTime();
    private final List<SiteWriter> writers = new ArrayList<>();

    /**
     * The third is killed in the midst of its copy. It does not wait for a fourth, which is cut off
     * yet; that one joins as soon as it can, and all of them end equal. Nobody writes at the third
     * meanwhile, and the fourth hears from it all the same.
     *
     * @param engines of the sites, P for PostgreSQL and M for MySQL
     */
    @ParameterizedTest
    @ValueSource(strings = {"PPPP", "PPMP", "MPP"})
    void sitesJoinOneAfterTheOtherWhileAllOthersWrite(String engines) throws Exception {
        DatabaseServer[] servers =
                engines.chars()
                        .mapToObj(
                                engine ->
                                        engine == 'M'
                                                ? Servers.sharedMySql()
                                                : Servers.sharedPostgres())
                        .toArray(DatabaseServer[]::new);
        SplittableRandom random = new SplittableRandom(SEED);
        try (ManySites sites = new ManySites("[\"*.item\"]", servers)) {
            prepare(sites);
            try (GatewayProcess gateway = start(sites, 2)) {
                await(gateway, () -> sites.awaitFollowing(2));
                write(sites, 0, random);
                write(sites, 1, random);
                more(20);
                gateway.kill();
            }
            assertThat(checked(sites, 3))
                    .contains("sitec: It joins sitea and siteb, which go on writing");
            if (!engines.contains("M")) {
                refuseWhatHoldsRows(sites);
            }
            try (GatewayProcess gateway =
                    GatewayProcess.startWith(
                            List.of("-Xmx256m", "-Dsluice.failpoint=CHUNK_COPIED:2"),
                            "run",
                            "-c",
                            sites.configFile(folder, 3).toString())) {
                assertThat(gateway.awaitFailpoint(240)).as(gateway.errors()).isTrue();
                more(20);
                gateway.kill();
            }
            assertThat(sites.query(2, PARTS)).as("parts that are there, and not").isEqualTo("2");
            more(20);
            if (sites.count() > 3) {
                sites.cutOff(3, false);
            }
            try (GatewayProcess gateway = start(sites, sites.count())) {
                await(gateway, () -> sites.awaitFollowing(3));
                if (sites.count() > 3) {
                    sites.reconnect(3);
                    await(gateway, () -> sites.awaitFollowing(4));
                    write(sites, 3, random);
                }
                write(sites, 2, random);
                more(20);
                for (SiteWriter writer : writers) {
                    writer.close();
                }
                await(gateway, () -> sites.awaitEqual(LONG, TABLES));
                assertThat(gateway.errors())
                        .containsSubsequence(
                                sites.count() > 3
                                        ? List.of("sitec has joined", "sited has joined")
                                        : List.of("sitec has joined"))
                        .doesNotContain("FAILED");
            }
        } finally {
            for (SiteWriter writer : writers) {
                writer.close();
            }
        }
    }

    /** What the copy would write over stops it, and nobody else. */
    private void refuseWhatHoldsRows(ManySites sites) {
        sites.on(2, "INSERT INTO item VALUES (1, 1, 'its own')");
        try (GatewayProcess gateway = start(sites, 3)) {
            TwoSites.await(LONG, () -> gateway.errors().contains("hold rows already"));
        }
        sites.on(2, "DELETE FROM item");
    }

    private static void prepare(ManySites sites) {
        for (int site = 0; site < sites.count(); site++) {
            sites.on(site, "CREATE TABLE item (id int PRIMARY KEY, n int, word varchar(80))");
            if (!sites.isMySql(site)) {
                sites.on(site, "ALTER TABLE item REPLICA IDENTITY FULL");
            }
        }
        if (sites.isMySql(0)) {
            // The copy is cut into parts by what the server knows of the table's size.
            sites.on(0, "SET cte_max_recursion_depth = " + KEYS, FILLING, "ANALYZE TABLE item");
        } else {
            sites.on(0, FILLING);
        }
    }

    /** What `check` says; it can start. */
    private String checked(ManySites sites, int count) throws InterruptedException {
        try (GatewayProcess check =
                GatewayProcess.start("check", "-c", sites.configFile(folder, count).toString())) {
            assertThat(check.awaitExit(240)).as(check.errors()).isZero();
            return check.output();
        }
    }

    private static void await(GatewayProcess gateway, Runnable waiting) {
        try {
            waiting.run();
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(
                    "seed %d: %s%n%s".formatted(SEED, e.getMessage(), gateway.errors()), e);
        }
    }

    private GatewayProcess start(ManySites sites, int count) {
        return GatewayProcess.start("run", "-c", sites.configFile(folder, count).toString());
    }

    private void write(ManySites sites, int site, SplittableRandom random) {
        SiteWriter writer =
                new SiteWriter(
                        random.split(),
                        PACE,
                        () -> sites.connect(site),
                        each -> change(each, sites.isMySql(site)));
        writers.add(writer);
        writer.start();
    }

    /** Waits until each has written more. */
    private void more(int transactions) {
        for (SiteWriter writer : writers) {
            long goal = writer.committed() + transactions;
            TwoSites.await(LONG, () -> writer.committed() >= goal);
        }
    }

    private String change(SplittableRandom random, boolean mysql) {
        long together = (System.nanoTime() - began) / TOGETHER.toNanos();
        long key = 1 + (3 * together + random.nextInt(3)) % (KEYS);
        int value = random.nextInt(1_000_000);
        return switch (random.nextInt(6)) {
            case 0, 1 ->
                    (mysql
                                    ? "INSERT IGNORE INTO item VALUES (%d, %d, 'new')"
                                    : "INSERT INTO item VALUES (%d, %d, 'new') ON CONFLICT (id) DO NOTHING")
                            .formatted(key, value);
            case 2, 3, 4 -> "UPDATE item SET n = %d WHERE id = %d".formatted(value, key);
            default -> "DELETE FROM item WHERE id = " + key;
        };
    }
}
