package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.testkit.PostgresServer;
import io.sluice.testkit.Servers;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three databases whose users write the same rows at once. */
final class MergeTest {

    /** Replays what is written, though not when: {@code -Dsluice.seed=N}. */
    private static final long SEED = Long.getLong("sluice.seed", System.nanoTime());

    private static final String ITEM = "[\"public.item\"]";
    private static final List<String> TABLES = List.of("public.item");

    private static final int KEYS = 20;

    private static final Duration PACE = Duration.ofMillis(60);

    @TempDir private Path folder;

    /**
     * Nobody is in conflict who works on what another one left, wherever that came from; those who
     * write the same rows at once are, and end equal all the same.
     */
    @Test
    void whoGoesOnFromOthersIsInNoConflictAndThoseWhoMeetEndEqualThoughTheGatewayIsKilled()
            throws InterruptedException {
        PostgresServer server = Servers.sharedPostgres();
        try (ManySites sites = new ManySites(ITEM, server, server, server)) {
            prepare(sites);
            try (Writers writers = new Writers(sites)) {
                try (GatewayProcess gateway = start(sites)) {
                    await(gateway, sites::awaitFollowing);
                    await(gateway, () -> sites.awaitEverywhere("SELECT count(*) FROM item", "30"));
                    for (int round = 0; round < 6; round++) {
                        goOn(sites, gateway, round);
                    }
                    await(gateway, () -> sites.awaitEqual(Duration.ofSeconds(120), TABLES));
                    assertThat(conflicts(sites)).containsOnly(0L);
                    assertThat(gateway.errors()).doesNotContain("FAILED");
                    writers.start();
                    writers.await(40);
                    gateway.kill();
                }
                try (GatewayProcess gateway = start(sites)) {
                    writers.await(20);
                    writers.close();
                    requireEqual(sites, gateway);
                }
            }
        }
    }

    /** The next writer has it from the one before, which others may not have yet. */
    private static void goOn(ManySites sites, GatewayProcess gateway, int round) {
        String word = "round " + round;
        String written =
                switch (round % 3) {
                    case 0 -> "UPDATE item SET word = '%s' WHERE id IN (1, 2)";
                    case 1 -> "DELETE FROM item WHERE id = 1 AND word <> '%s'";
                    default -> "INSERT INTO item VALUES (1, 1, '%s')";
                };
        sites.on(round % 3, written.formatted(word));
        String left = "SELECT string_agg(word, ',' ORDER BY id) FROM item WHERE id IN (1, 2)";
        String expected = sites.query(round % 3, left);
        int next = (round + 1) % 3;
        await(
                gateway,
                () ->
                        TwoSites.await(
                                Duration.ofSeconds(120),
                                () -> sites.query(next, left).equals(expected)));
    }

    private static void requireEqual(ManySites sites, GatewayProcess gateway) {
        await(gateway, () -> sites.awaitEqual(Duration.ofSeconds(240), TABLES));
        assertThat(gateway.errors()).doesNotContain("FAILED");
        assertThat(conflicts(sites)).doesNotContain(0L);
    }

    /** How many are on record at each site. */
    private static List<Long> conflicts(ManySites sites) {
        return IntStream.range(0, sites.count())
                .mapToObj(site -> sites.query(site, "SELECT count(*) FROM sluice.conflict"))
                .map(Long::valueOf)
                .toList();
    }

    private static void prepare(ManySites sites) {
        for (int site = 0; site < sites.count(); site++) {
            sites.on(site, "CREATE TABLE item (id int PRIMARY KEY, n int, word varchar(40))");
            sites.on(site, "ALTER TABLE item REPLICA IDENTITY FULL");
        }
        sites.on(0, "INSERT INTO item SELECT g, 0, 'copied' FROM generate_series(1, 30) g");
    }

    private GatewayProcess start(ManySites sites) {
        return GatewayProcess.start("run", "-c", sites.configFile(folder).toString());
    }

    private static void await(GatewayProcess gateway, Runnable waiting) {
        try {
            waiting.run();
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(
                    "seed %d: %s%n%s".formatted(SEED, e.getMessage(), gateway.errors()), e);
        }
    }

    private static String change(SplittableRandom random) {
        int key = random.nextInt(KEYS);
        int value = random.nextInt(1_000_000);
        return switch (random.nextInt(6)) {
            case 0, 1 ->
                    "INSERT INTO item VALUES (%d, %d, 'new') ON CONFLICT (id) DO NOTHING"
                            .formatted(key, value);
            case 2, 3 -> "UPDATE item SET n = %d WHERE id = %d".formatted(value, key);
            case 4 ->
                    "UPDATE item SET id = id + 1, n = %d WHERE id = %d AND NOT EXISTS (SELECT FROM item WHERE id = %d)"
                            .formatted(value, key, key + 1);
            default -> "DELETE FROM item WHERE id = " + key;
        };
    }

    /** The users of all sites. */
    private static final class Writers implements AutoCloseable {

        private final List<SiteWriter> writers = new ArrayList<>();

        Writers(ManySites sites) {
            SplittableRandom random = new SplittableRandom(SEED);
            for (int site = 0; site < sites.count(); site++) {
                int at = site;
                Supplier<Connection> user = () -> sites.connect(at);
                writers.add(new SiteWriter(random.split(), PACE, user, MergeTest::change));
            }
        }

        void start() {
            writers.forEach(SiteWriter::start);
        }

        /** Waits until each has written more. */
        void await(int transactions) {
            for (SiteWriter writer : writers) {
                long goal = writer.committed() + transactions;
                TwoSites.await(Duration.ofSeconds(120), () -> writer.committed() >= goal);
            }
        }

        /** Nobody writes any more. */
        @Override
        public void close() throws InterruptedException {
            for (SiteWriter writer : writers) {
                writer.close();
            }
        }
    }
}
