package io.sluice.gateway.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.connectors.spi.TableLoads;
import io.sluice.gateway.keybased.SweepCounts;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.pipeline.PipelineStatus;
import io.sluice.gateway.pipeline.PipelineStatus.LoadStatus;
import io.sluice.gateway.rpo.Exposure;
import io.sluice.gateway.rpo.Objective;
import io.sluice.gateway.rpo.ObjectiveLedger;
import io.sluice.gateway.snapshot.BuildMonitor;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The looks at a pipeline that loads whole tables. */
class PipelineOutlookTest {

    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final Objective MINUTE =
            new Objective(Duration.ofMinutes(1), Duration.ofDays(30), 0.999);

    private final ObjectiveLedger ledger = new ObjectiveLedger(MINUTE, 1);
    private final PipelineOutlook outlook = new PipelineOutlook(ledger, NOON);
    private Instant now = NOON;

    /** A look each second at what shows the source as it was at noon; what was found. */
    private List<EventKind> look(int seconds, PipelineState state, @Nullable LoadStatus load) {
        List<EventKind> found = new ArrayList<>();
        for (int i = 0; i < seconds; i++) {
            now = now.plusSeconds(1);
            outlook.look(status(state, load), now).forEach(finding -> found.add(finding.kind()));
        }
        return found;
    }

    private PipelineStatus status(PipelineState state, @Nullable LoadStatus load) {
        return new PipelineStatus(
                "r:a->b",
                "r",
                "full",
                "a",
                "b",
                state,
                NOON,
                null,
                null,
                null,
                Exposure.since(NOON, now),
                MINUTE.objective(),
                -1,
                -1,
                -1,
                Duration.ofMinutes(30),
                Duration.ZERO,
                Duration.ZERO,
                true,
                0,
                0,
                0,
                0,
                null,
                0,
                new BuildMonitor.Progress(0, 0, 0, List.of(), List.of()),
                SweepCounts.NONE,
                null,
                0,
                load);
    }

    private static LoadStatus load(@Nullable Instant next) {
        return new LoadStatus(
                new TableLoads.Run(1, NOON, NOON, null, NOON, 1, TableLoads.Changes.NONE), next);
    }

    @Test
    void whatWasLoadedOnceAndForAllIsHeldToNothingWhateverComesAfter() {
        assertThat(look(100, PipelineState.COMPLETED, load(null))).isEmpty();
        assertThat(look(100, PipelineState.PAUSED, load(null))).isEmpty();
        assertThat(look(100, PipelineState.STARTING, load(null))).isEmpty();
        assertThat(ledger.breaches(NOON, now)).isEmpty();
        assertThat(ledger.seen().held()).isEqualTo(Duration.ZERO);
    }

    @Test
    void aBreachEndsWithTheSchedule() {
        assertThat(look(100, PipelineState.WAITING, load(NOON))).containsExactly(EventKind.BREACH);
        assertThat(look(10, PipelineState.COMPLETED, load(null)))
                .containsExactly(EventKind.RECOVERY);
        assertThat(ledger.breaches(NOON, now).getFirst().ended()).isEqualTo(NOON.plusSeconds(101));
    }

    @Test
    void whereNoLogIsReadNoneIsGivenUp() {
        look(700, PipelineState.WAITING, load(NOON.plus(Duration.ofDays(1))));
        assertThat(outlook.outlook().forecast().retention()).isNull();
    }
}
