package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.testkit.DatabaseServer;
import io.sluice.testkit.Servers;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables that differ between two sites that both write. */
final class SiteSchemaTest {

    private static final Duration PATIENCE = Duration.ofSeconds(180);
    private static final String THERE = "test:source->target";
    private static final String BACK = "test:target->source";

    /** What has no place is not left out: it stops, and goes on once there is one. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aColumnThatOneSiteLacksStopsWhatBringsIt(boolean mySql) throws Exception {
        DatabaseServer target = mySql ? Servers.sharedMySql() : Servers.sharedPostgres();
        try (TwoSites sites = TwoSites.between(Servers.sharedPostgres(), target).bothWays()) {
            sites.with("heartbeat: 200ms");
            sites.onSource(
                    "CREATE TABLE item (id int PRIMARY KEY, n int)",
                    "ALTER TABLE item REPLICA IDENTITY FULL",
                    "INSERT INTO item VALUES (1, 1)");
            try (Gateway gateway = new Gateway(sites.config())) {
                awaitBoth(gateway);
                sites.onSource(
                        "ALTER TABLE item ADD COLUMN extra int",
                        "INSERT INTO item VALUES (2, 2, 7)",
                        "UPDATE item SET n = 5 WHERE id = 1");
                assertThat(Watching.awaitFailed(gateway, THERE).message())
                        .contains("item", "extra");
                sites.onTarget("INSERT INTO item VALUES (3, 3)");
            }
            assertThat(sites.queryTarget("SELECT count(*) FROM item WHERE id = 2 OR n = 5"))
                    .isEqualTo("0");
            sites.onTarget("ALTER TABLE item ADD COLUMN extra int");
            try (Gateway gateway = new Gateway(sites.config())) {
                awaitBoth(gateway);
                sites.awaitOnTarget("SELECT count(*) FROM item WHERE extra = 7 OR n = 5", "2");
                TwoSites.await(
                        PATIENCE,
                        () ->
                                "1"
                                        .equals(
                                                sites.querySource(
                                                        "SELECT count(*) FROM item WHERE id = 3")));
                sites.awaitEqual(PATIENCE, List.of("public.item"));
            }
        }
    }

    private static void awaitBoth(Gateway gateway) {
        for (String pipeline : List.of(THERE, BACK)) {
            Watching.awaitState(gateway, pipeline, PipelineState.STREAMING, PATIENCE);
        }
    }
}
