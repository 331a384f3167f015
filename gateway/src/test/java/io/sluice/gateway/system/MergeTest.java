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

    private static final List<String> TABLES = List.of("public.item");

    @TempDir private Path folder;

    /** Nobody is in conflict who works on what another one left, wherever that came from. */
    @Test
    void whatOneSiteWritesOthersGoOnWithAndNobodyIsInConflict() throws InterruptedException {
        PostgresServer server = Servers.sharedPostgres();
        try (ManySites sites = new ManySites("[\"public.item\"]", server, server, server)) {
            prepare(sites);
            try (GatewayProcess gateway = start(sites)) {
                await(gateway, sites::awaitFollowing);
                await(gateway, () -> sites.awaitEverywhere("SELECT count(*) FROM item", "30"));
                for (int round = 0; round < 6; round++) {
                    String word = "round " + round;
                    String written =
                            switch (round % 3) {
                                case 0 -> "UPDATE item SET word = '%s' WHERE id IN (1, 2)";
                                case 1 -> "DELETE FROM item WHERE id = 1 AND word <> '%s'";
                                default -> "INSERT INTO item VALUES (1, 1, '%s')";
                            };
                    // The next writer has it from the one before, which others may not have yet.
                    sites.on(round % 3, written.formatted(word));
                    String left =
                            "SELECT string_agg(word, ',' ORDER BY id) FROM item WHERE id IN (1, 2)";
                    String expected = sites.query(round % 3, left);
                    int next = (round + 1) % 3;
                    await(
                            gateway,
                            () ->
                                    TwoSites.await(
                                            Duration.ofSeconds(120),
                                            () -> sites.query(next, left).equals(expected)));
                }
                await(gateway, () -> sites.awaitEqual(Duration.ofSeconds(120), TABLES));
                for (int site = 0; site < sites.count(); site++) {
                    assertThat(
                                    sites.query(
                                            site,
                                            "SELECT string_agg(kind || ' ' || pipeline, ', ') FROM sluice.conflict"))
                            .as("conflicts at site " + site)
                            .isEqualTo("null");
                }
                assertThat(gateway.errors()).doesNotContain("FAILED");
            }
        }
    }

    private static void prepare(ManySites sites) {
        for (int site = 0; site < sites.count(); site++) {
            sites.on(
                    site,
                    "CREATE TABLE item (id int PRIMARY KEY, n int, word varchar(40))",
                    "ALTER TABLE item REPLICA IDENTITY FULL");
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
            throw new AssertionError(e.getMessage() + "\n" + gateway.errors(), e);
        }
    }
}
