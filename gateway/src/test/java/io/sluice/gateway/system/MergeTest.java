package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.testkit.PostgresServer;
import io.sluice.testkit.Servers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three databases whose users write the same rows at once. */
final class MergeTest {

    /** Replays what is written, though not when: {@code -Dsluice.seed=N}. */
    private static final long SEED = Long.getLong("sluice.seed", System.nanoTime());

    private static final String ITEM = "[\"public.item\"]";
    private static final List<String> TABLES = List.of("public.item");

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
            SiteWriters.prepare(sites, 1);
            try (SiteWriters writers = new SiteWriters(sites, SEED, 1)) {
                try (GatewayProcess gateway = start(sites)) {
                    await(gateway, sites::awaitFollowing);
                    await(gateway, () -> sites.awaitEverywhere("SELECT count(*) FROM item", "33"));
                    for (int round = 0; round < 6; round++) {
                        goOn(sites, gateway, round);
                    }
                    await(gateway, () -> sites.awaitEqual(Duration.ofSeconds(120), TABLES));
                    assertThat(sites.conflicts()).containsOnly(0L);
                    assertThat(gateway.errors()).doesNotContain("FAILED");
                    writers.start();
                    writers.await(40, 0, 1, 2);
                    gateway.kill();
                }
                try (GatewayProcess gateway = start(sites)) {
                    writers.await(20, 0, 1, 2);
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
                    default -> "INSERT INTO item (id, n, word) VALUES (1, 1, '%s')";
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
        assertThat(sites.conflicts()).doesNotContain(0L);
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
}
