package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.testkit.FaultProxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both sites have written far more than is held in memory before either hears of the other. */
@Tag("slow")
final class SiteBacklogTest {

    private static final List<String> TABLES = List.of("public.item");

    private static final String[] SCHEMA = {
        "CREATE TABLE item (id int PRIMARY KEY, n int, word text)",
        "ALTER TABLE item REPLICA IDENTITY FULL"
    };

    /** Of each site, of some 3 kB, and in the log once or twice. The gateway holds 800 of them. */
    private static final int ROWS = 6_000;

    private static final String UPDATE =
            "UPDATE item SET n = 2 WHERE id > %d OR id BETWEEN 1 AND 30";

    private static final String SAME_ROWS =
            "INSERT INTO item SELECT i, 0, random()::text FROM generate_series(1, 30) i ON CONFLICT (id) DO UPDATE SET word = excluded.word";

    private static final String HEAP = "-Xmx160m";

    @TempDir private Path folder;

    @Test
    void twoBacklogsAtOnceAreAppliedAndTheSitesEndEqual() throws Exception {
        try (TwoSites sites =
                TwoSites.shared()
                        .bothWays()
                        .with("heartbeat: 200ms")
                        .with("buffer: {maxRows: 100}")
                        .with("apply: {maxRows: 500}")) {
            sites.onSource(SCHEMA);
            sites.onTarget(SCHEMA);
            String spill = "ALTER DATABASE %s SET logical_decoding_work_mem = '64kB'";
            sites.onSource(spill.formatted(sites.sourceDatabase));
            sites.onTarget(spill.formatted(sites.targetDatabase));
            FaultProxy toSecond = sites.proxyTarget();
            Path config = sites.configFile(folder);
            try (GatewayProcess gateway = start(config)) {
                String reading =
                        "SELECT count(*) FROM pg_replication_slots WHERE active AND database IN ('%s', '%s')"
                                .formatted(sites.sourceDatabase, sites.targetDatabase);
                sites.awaitOnTarget(reading, "2");
                sites.onSource("INSERT INTO item VALUES (-1, 0, 'there')");
                sites.onTarget("INSERT INTO item VALUES (-2, 0, 'back')");
                awaitSame(sites, gateway, 2);
                gateway.terminate();
                gateway.awaitExit(60);
            }
            sites.onSource(write(1_000_000), SAME_ROWS);
            sites.onTarget(write(2_000_000), SAME_ROWS);
            try (GatewayProcess gateway = start(config)) {
                awaitSame(sites, gateway, 2 * ROWS + 32);
                assertThat(gateway.errors()).contains("Gives way to ").doesNotContain("FAILED");

                toSecond.refuse();
                toSecond.cut();
                // Also in one transaction larger than all that is held, at each site.
                sites.onSource(write(3_000_000), SAME_ROWS, UPDATE.formatted(3_000_000));
                sites.onTarget(write(4_000_000), SAME_ROWS, UPDATE.formatted(4_000_000));
                toSecond.heal();
                awaitSame(sites, gateway, 4 * ROWS + 32);
                assertThat(gateway.errors()).doesNotContain("is behind", "FAILED");
            }
            assertThat(sites.queryTarget("SELECT count(*) FROM item WHERE n = 2"))
                    .isEqualTo(Integer.toString(2 * ROWS + 30));
        }
    }

    /** In transactions of ten rows. */
    private static String write(int from) {
        return """
        DO $$ BEGIN
          FOR i IN 0 .. %d LOOP
            INSERT INTO item SELECT %d + 10 * i + j, 1, repeat(md5(random()::text), 100)
              FROM generate_series(1, 10) j;
            COMMIT;
          END LOOP;
        END $$
        """
                .formatted(ROWS / 10 - 1, from);
    }

    private static GatewayProcess start(Path config) {
        return GatewayProcess.startWith(List.of(HEAP), "run", "-c", config.toString());
    }

    private static void awaitSame(TwoSites sites, GatewayProcess gateway, int rows) {
        String count = "SELECT count(*) FROM item";
        String wanted = Integer.toString(rows);
        try {
            TwoSites.await(
                    Duration.ofSeconds(400),
                    () ->
                            wanted.equals(sites.queryTarget(count))
                                    && wanted.equals(sites.querySource(count)));
            sites.awaitEqual(Duration.ofSeconds(400), TABLES);
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(gateway.errors(), e);
        }
    }
}
