package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.snapshot.CopyMonitor.Progress;
import io.sluice.testkit.DatabaseServer;
import io.sluice.testkit.Durability;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** A server dies by SIGKILL in the middle of a load of whole tables. */
@Tag("slow")
final class LoadOutageTest {

    private static final Duration PATIENCE = Duration.ofSeconds(180);
    private static final int ROWS = 20_000;

    @TestFactory
    Stream<DynamicTest> aKilledSourceLeavesNothingHalfSeenAndTheLoadIsMadeUpFor() {
        return EveryPair.atOnce(pair -> killAmidTheLoad(pair, true));
    }

    @TestFactory
    Stream<DynamicTest> aKilledTargetLeavesNothingHalfSeenAndTheLoadIsMadeUpFor() {
        return EveryPair.atOnce(pair -> killAmidTheLoad(pair, false));
    }

    /** Of the two modes one where the source dies and the other where the target does. */
    private static void killAmidTheLoad(Pair pair, boolean ofSource) throws Exception {
        String mode = ofSource == pair.toMySql ? "snapshot" : "full";
        try (TwoSites sites =
                pair.sites(Durability.REAL)
                        .mode(mode)
                        .with("copy: {workers: 2, chunkSize: 64KiB, maxBytesPerSecond: 512KiB}")) {
            String table = "CREATE TABLE item (id int PRIMARY KEY, v varchar(200))";
            sites.onSource(
                    table,
                    "INSERT INTO item SELECT g, repeat('v', 150) FROM " + pair.numbers(ROWS),
                    (pair.fromMySql ? "ANALYZE TABLE" : "ANALYZE") + " item");
            sites.onTarget(table, "INSERT INTO item VALUES (0, 'the former load')");
            DatabaseServer server = ofSource ? sites.sourceServer : sites.targetServer;
            try (Gateway gateway = new Gateway(sites.config())) {
                TwoSites.await(PATIENCE, () -> isUnderWay(Watching.status(gateway).copy()));
                server.kill();
                Watching.awaitRetry(gateway);
                server.start();
                assertThat(sites.queryTarget("SELECT count(*) FROM item"))
                        .isIn("1", Integer.toString(ROWS));
                Watching.awaitState(gateway, PipelineState.COMPLETED, PATIENCE);
                assertThat(Watching.status(gateway).failure()).isNull();
            }
            assertThat(sites.compare(List.of("public.item")).isEqual()).isTrue();
            LoadTest.requireNothingLeft(sites, List.of());
        }
    }

    private static boolean isUnderWay(Progress copy) {
        return copy != null && copy.chunksDone() > 0 && copy.chunksDone() < copy.chunks();
    }
}
