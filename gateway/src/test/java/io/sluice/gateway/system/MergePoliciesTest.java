package io.sluice.gateway.system;

import static io.sluice.gateway.system.StockTables.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.testkit.PostgresServer;
import io.sluice.testkit.Servers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three databases whose users write the same rows, decided by their columns and values. */
@Tag("slow")
final class MergePoliciesTest {

    private static final Duration PATIENCE = Duration.ofSeconds(240);

    private static final int KEPT = 3;

    @TempDir private Path folder;

    @Test
    void whatThreeSitesAddAndRaiseAndJoinIsAllThereThoughTheGatewayIsKilled()
            throws InterruptedException {
        PostgresServer server = Servers.sharedPostgres();
        try (ManySites sites = new ManySites(StockTables.NAMES, server, server, server)) {
            StockTables tables = StockTables.at(sites);
            sites.with("  keep: {count: %d}".formatted(KEPT));
            List<SiteWriter> writers = tables.writers();
            try {
                try (GatewayProcess gateway = start(sites)) {
                    await(gateway, sites::awaitFollowing);
                    await(gateway, () -> sites.awaitEverywhere("SELECT count(*) FROM stock", "7"));
                    writers.forEach(SiteWriter::start);
                    await(writers, 40);
                    gateway.kill();
                }
                tables.writeOneRow();
                try (GatewayProcess gateway = start(sites)) {
                    await(writers, 20);
                    for (SiteWriter writer : writers) {
                        writer.close();
                    }
                    await(gateway, () -> sites.awaitEqual(PATIENCE, StockTables.ALL));
                    await(gateway, () -> awaitFewOnRecord(sites));
                    assertThat(gateway.errors()).doesNotContain("FAILED");
                }
            } finally {
                for (SiteWriter writer : writers) {
                    writer.close();
                }
            }
            tables.requireAll();
        }
    }

    /** Old conflicts are forgotten once a minute. */
    private static void awaitFewOnRecord(ManySites sites) {
        for (int each = 0; each < sites.count(); each++) {
            int site = each;
            String most =
                    "SELECT max(n) FROM (SELECT count(*) n FROM sluice.conflict GROUP BY pipeline) p";
            TwoSites.await(
                    PATIENCE,
                    () -> Long.parseLong(String.valueOf(sites.query(site, most))) <= KEPT);
        }
    }

    private GatewayProcess start(ManySites sites) {
        return GatewayProcess.start("run", "-c", sites.configFile(folder).toString());
    }
}
