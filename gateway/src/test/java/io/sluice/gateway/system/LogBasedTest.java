package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.connectors.postgres.LogNames;
import io.sluice.gateway.cli.Gateway;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A replication without a copy: what was before it, and what it missed, stays where it is. */
class LogBasedTest {

    private static final String IDS = "SELECT string_agg(id::text, ',' ORDER BY id) FROM item";

    @TempDir private Path folder;

    private TwoSites sites;

    @BeforeEach
    void replicate() throws InterruptedException {
        sites = TwoSites.shared().mode("log-based").with("heartbeat: 200ms");
        sites.onSource(
                "CREATE TABLE item (id int PRIMARY KEY, v text)",
                "INSERT INTO item VALUES (1, 'before')");
        try (Gateway gateway = new Gateway(sites.config())) {
            Watching.awaitStreaming(gateway);
            sites.onSource("INSERT INTO item VALUES (2, 'seen')");
            sites.awaitOnTarget(IDS, "2");
        }
    }

    @AfterEach
    void close() {
        sites.close();
    }

    @Test
    void afterAGapRecopyBeginsAtNowAndEmptiesNothing() throws Exception {
        sites.onTarget("INSERT INTO item VALUES (-1, 'of the target alone')");
        sites.onSource(
                "SELECT pg_drop_replication_slot('" + LogNames.slot(sites.pipeline()) + "')",
                "INSERT INTO item VALUES (3, 'missed')");
        try (Gateway gateway = new Gateway(sites.config())) {
            assertThat(Watching.awaitFailed(gateway).gap()).isNotNull();
        }

        recopy("begins at now, without what was missed, for public.item on target");

        try (Gateway gateway = new Gateway(sites.config())) {
            Watching.awaitStreaming(gateway);
            sites.onSource(
                    "INSERT INTO item VALUES (4, 'after')", "UPDATE item SET v = 'x' WHERE id = 2");
            sites.awaitOnTarget("SELECT v FROM item WHERE id = 2", "x");
            assertThat(sites.queryTarget(IDS)).isEqualTo("-1,2,4");
        }
    }

    @Test
    void recopyOfAPipelineThatIsWholeSkipsWhatItHasNotReadYet() throws Exception {
        sites.onSource("INSERT INTO item VALUES (3, 'not read yet')");

        recopy("begins at now, without what was missed, for public.item on target");
        try (Gateway gateway = new Gateway(sites.config())) {
            Watching.awaitStreaming(gateway);
            sites.onSource("INSERT INTO item VALUES (4, 'after')");
            sites.awaitOnTarget("SELECT max(id) FROM item", "4");
        }

        assertThat(sites.queryTarget(IDS)).isEqualTo("2,4");
    }

    @Test
    void withoutYesRecopySaysThatItBeginsAtNow() throws Exception {
        String checkpoint = "SELECT concat_ws(' ', epoch, phase, owner) FROM sluice.checkpoint";
        String before = sites.queryTarget(checkpoint);
        try (GatewayProcess recopy =
                GatewayProcess.start(
                        "recopy", "-c", sites.configFile(folder).toString(), sites.pipeline())) {
            assertThat(recopy.awaitExit(120)).isEqualTo(2);
            assertThat(recopy.errors())
                    .contains(
                            "begins again at now, without what was missed, on target: public.item",
                            "--yes")
                    .doesNotContain("empties");
        }
        assertThat(sites.queryTarget(checkpoint)).isEqualTo(before);
    }

    private void recopy(String said) {
        assertThat(Recopying.order(sites)).contains(said);
    }
}
