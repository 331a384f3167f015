package io.sluice.gateway.system;

import static io.sluice.gateway.system.MergePoliciesTest.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.testkit.PostgresServer;
import io.sluice.testkit.Servers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A database that is added to two whose users write the same rows, decided by columns and values.
 */
@Tag("slow")
final class JoinPoliciesTest {

    private static final Duration LONG = Duration.ofSeconds(240);

    @TempDir private Path folder;

    /**
     * The two have written what they do not know of each other when the third is added, and go on;
     * once it has joined all three do.
     */
    @Test
    void whatIsAddedAndRaisedIsAllThereThoughASiteJoinsInTheMidstOfIt()
            throws InterruptedException {
        PostgresServer server = Servers.sharedPostgres();
        try (ManySites sites = new ManySites(MergePoliciesTest.NAMES, server, server, server)) {
            MergePoliciesTest.prepare(sites);
            List<SiteWriter> writers = MergePoliciesTest.writers(sites);
            List<SiteWriter> firstTwo = writers.subList(0, 2);
            try {
                try (GatewayProcess gateway = start(sites, 2)) {
                    await(gateway, () -> sites.awaitFollowing(2));
                    firstTwo.forEach(SiteWriter::start);
                    await(firstTwo, 20);
                    gateway.kill();
                }
                await(firstTwo, 10);
                try (GatewayProcess gateway = start(sites, 3)) {
                    await(gateway, () -> sites.awaitFollowing(3));
                    writers.get(2).start();
                    await(writers, 20);
                    gateway.kill();
                    assertThat(gateway.errors()).contains("sitec has joined");
                }
                MergePoliciesTest.writeOneRow(sites);
                try (GatewayProcess gateway = start(sites, 3)) {
                    await(writers, 20);
                    for (SiteWriter writer : writers) {
                        writer.close();
                    }
                    await(gateway, () -> sites.awaitEqual(LONG, MergePoliciesTest.TABLES));
                    assertThat(gateway.errors()).doesNotContain("FAILED");
                }
            } finally {
                for (SiteWriter writer : writers) {
                    writer.close();
                }
            }
            MergePoliciesTest.requireAll(sites);
        }
    }

    private GatewayProcess start(ManySites sites, int count) {
        return GatewayProcess.start("run", "-c", sites.configFile(folder, count).toString());
    }
}
