package io.sluice.gateway.journal;

import io.sluice.connectors.spi.ObjectiveStore.Breach;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.pipeline.PipelineStatus;
import io.sluice.gateway.rpo.Exposure.Basis;
import io.sluice.gateway.rpo.ObjectiveLedger;
import io.sluice.gateway.rpo.Sighting;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Enters what a pipeline shows of its RPO into its ledger, and tells breaches. Used by one thread.
 */
final class ObjectiveWatch {

    private final ObjectiveLedger ledger;
    private final Instant started;

    /**
     * @param started when this gateway did
     */
    ObjectiveWatch(ObjectiveLedger ledger, Instant started) {
        this.ledger = ledger;
        this.started = started;
    }

    /**
     * Looks at the pipeline at one moment. An unknown RPO, as before a copy is whole, is no breach,
     * nor is one of what was loaded once and for all.
     */
    Optional<Finding> look(PipelineStatus pipeline, Instant now) {
        return ledger.look(sighting(pipeline, now)).map(turn -> finding(pipeline, turn));
    }

    private Sighting sighting(PipelineStatus pipeline, Instant now) {
        Duration age = pipeline.exposure().age();
        String known = cause(pipeline);
        if (age != null && wasOverBefore(age, pipeline.objective(), now)) {
            known = "no gateway was running";
        }
        return new Sighting(
                now,
                age,
                pipeline.objective(),
                pipeline.isExempt(),
                known == null ? vagueCause(pipeline) : known,
                known == null);
    }

    private boolean wasOverBefore(Duration age, Duration objective, Instant now) {
        return now.minus(age).plus(objective).isBefore(started);
    }

    private static @Nullable String cause(PipelineStatus pipeline) {
        PipelineStatus.Failure failure = pipeline.failure();
        if (failure != null) {
            return failure.message();
        }
        if (pipeline.state() == PipelineState.PAUSED) {
            return "an operator has paused it";
        }
        return pipeline.sourceReachable() ? null : pipeline.source() + " does not answer";
    }

    private static String vagueCause(PipelineStatus pipeline) {
        return pipeline.exposure().basis() == Basis.BLIND
                ? "nothing comes through, while %s".formatted(pipeline.state())
                : "%d transactions were on their way, while %s"
                        .formatted(pipeline.exposure().behind().transactions(), pipeline.state());
    }

    private static Finding finding(PipelineStatus pipeline, ObjectiveLedger.Turn turn) {
        Breach breach = turn.breach();
        Instant ended = breach.ended();
        if (turn.begins() || ended == null) {
            return new Finding(
                    EventKind.BREACH,
                    "The RPO is %s, over its objective of %s, while %s: %s."
                            .formatted(
                                    seconds(breach.worst()),
                                    seconds(pipeline.objective()),
                                    pipeline.state(),
                                    withoutState(breach.cause(), pipeline.state())));
        }
        return new Finding(
                EventKind.RECOVERY,
                "The RPO is %s; it was over it for %s, at worst %s."
                        .formatted(
                                pipeline.isExempt()
                                        ? "held to no objective any more"
                                        : "within its objective of %s again"
                                                .formatted(seconds(pipeline.objective())),
                                seconds(Duration.between(breach.started(), ended)),
                                seconds(breach.worst())));
    }

    /** A vague cause names the state, which is said already. */
    private static String withoutState(String cause, PipelineState state) {
        return cause.replace(", while " + state, "").replaceFirst("\\.$", "");
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }
}
