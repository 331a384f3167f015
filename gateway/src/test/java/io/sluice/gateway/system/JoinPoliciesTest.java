package io.sluice.gateway.system;

import static io.sluice.gateway.system.StockTables.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.testkit.DatabaseServer;
import io.sluice.testkit.Servers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Databases that are added to others whose users write the same rows, decided by columns and
 * values.
 */
@Tag("slow")
final class JoinPoliciesTest {

    private static final Duration LONG = Duration.ofSeconds(240);

    @TempDir private Path folder;

    /**
     * The first two have written what they do not know of each other when the third is added, and
     * go on. The gateway is killed in the midst of the copy. Once the third has joined it writes
     * too, while the fourth is filled.
     *
     * @param engines of the sites, P for PostgreSQL and M for MySQL
     */
    @ParameterizedTest
    @ValueSource(strings = {"PPPP", "PPMP", "MPP"})
    void whatIsAddedAndRaisedIsAllThereThoughSitesJoinInTheMidstOfIt(String engines)
            throws InterruptedException {
        DatabaseServer[] servers =
                engines.chars()
                        .mapToObj(
                                engine ->
                                        engine == 'M'
                                                ? Servers.sharedMySql()
                                                : Servers.sharedPostgres())
                        .toArray(DatabaseServer[]::new);
        try (ManySites sites = new ManySites(StockTables.NAMES, servers)) {
            StockTables tables = StockTables.at(sites);
            List<SiteWriter> writers = tables.writers();
            try {
                join(sites, writers);
                tables.writeOneRow();
                try (GatewayProcess gateway = start(sites, sites.count())) {
                    await(writers, 20);
                    for (SiteWriter writer : writers) {
                        writer.close();
                    }
                    await(gateway, () -> sites.awaitEqual(LONG, StockTables.ALL));
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

    private void join(ManySites sites, List<SiteWriter> writers) throws InterruptedException {
        List<SiteWriter> firstTwo = writers.subList(0, 2);
        try (GatewayProcess gateway = start(sites, 2)) {
            await(gateway, () -> sites.awaitFollowing(2));
            firstTwo.forEach(SiteWriter::start);
            await(firstTwo, 20);
            gateway.kill();
        }
        await(firstTwo, 10);
        try (GatewayProcess gateway =
                GatewayProcess.startWith(
                        List.of("-Xmx256m", "-Dsluice.failpoint=CHUNK_COPIED"),
                        "run",
                        "-c",
                        sites.configFile(folder, 3).toString())) {
            assertThat(gateway.awaitFailpoint(240)).as(gateway.errors()).isTrue();
            await(firstTwo, 10);
            gateway.kill();
        }
        if (sites.count() > 3) {
            sites.cutOff(3, false);
        }
        try (GatewayProcess gateway = start(sites, sites.count())) {
            await(gateway, () -> sites.awaitFollowing(3));
            writers.get(2).start();
            await(writers.subList(0, 3), 10);
            if (sites.count() > 3) {
                sites.reconnect(3);
                await(gateway, () -> sites.awaitFollowing(4));
                writers.get(3).start();
            }
            await(writers, 20);
            gateway.kill();
            assertThat(gateway.errors())
                    .containsSubsequence(
                            sites.count() > 3
                                    ? List.of("sitec has joined", "sited has joined")
                                    : List.of("sitec has joined"))
                    .doesNotContain("FAILED");
        }
    }

    private GatewayProcess start(ManySites sites, int count) {
        return GatewayProcess.start("run", "-c", sites.configFile(folder, count).toString());
    }
}
