package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.rpo.Exposure.Basis;
import io.sluice.testkit.Durability;
import io.sluice.testkit.Workload;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The main job between engines: a copy under load, then the load's every transaction. */
final class PairsTest {

    private static final long SEED = Long.getLong("sluice.seed", System.nanoTime());

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "POSTGRES_TO_POSTGRES")
    void theCopyAndTheLogArriveWhole(Pair pair) throws Exception {
        try (TwoSites sites = pair.sites(Durability.FAST).with("heartbeat: 200ms");
                Workload load = pair.load(SEED)) {
            load.createSchema(sites.source());
            load.run(sites::source, 300);
            load.start(sites::source, 30);
            try (Gateway gateway = new Gateway(sites.config())) {
                Watching.awaitState(gateway, PipelineState.STREAMING, Duration.ofSeconds(180));
                long goal = load.counts().committedTransactions() + 200;
                TwoSites.await(
                        Duration.ofSeconds(180),
                        () -> load.counts().committedTransactions() >= goal);
                load.stop();
                sites.awaitEqual(Duration.ofSeconds(180), pair.tables());
                TwoSites.await(
                        Duration.ofSeconds(60),
                        () ->
                                Watching.status(gateway).exposure().basis() == Basis.IDLE
                                        && Watching.status(gateway).state()
                                                == PipelineState.STREAMING);
                assertThat(Watching.status(gateway).failure()).as("seed %d", SEED).isNull();
            }
        }
    }
}
