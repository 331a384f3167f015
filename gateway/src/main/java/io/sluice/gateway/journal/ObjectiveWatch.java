package io.sluice.gateway.journal;

import io.sluice.gateway.pipeline.PipelineStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Notices when an RPO goes over its objective and when it is back. It is back only after {@link
 * #CALM}, so that one that swings around its objective does not fill the journal. Used by one
 * thread.
 */
public final class ObjectiveWatch {

    private static final Duration CALM = Duration.ofSeconds(5);

    private final Map<String, Breach> breaches = new HashMap<>();

    /** What is to be reported. */
    public record Finding(EventKind kind, String text) {}

    private static final class Breach {
        private final Instant since;
        private Duration worst;
        private @Nullable Instant calmSince;

        Breach(Instant since, Duration worst) {
            this.since = since;
            this.worst = worst;
        }
    }

    /**
     * Looks at a pipeline at one moment. An unknown RPO, as before a copy is whole, says nothing,
     * nor does one of what was loaded once and for all.
     */
    public Optional<Finding> look(PipelineStatus pipeline, Instant now) {
        Duration age = pipeline.exposure().age();
        Breach breach = breaches.get(pipeline.name());
        Boolean within = pipeline.withinObjective();
        if (age == null || within == null) {
            return Optional.empty();
        }
        if (!within) {
            return Optional.ofNullable(over(pipeline, breach, age, now));
        }
        if (breach == null) {
            return Optional.empty();
        }
        if (breach.calmSince == null) {
            breach.calmSince = now;
        }
        if (Duration.between(breach.calmSince, now).compareTo(CALM) < 0) {
            return Optional.empty();
        }
        breaches.remove(pipeline.name());
        return Optional.of(
                new Finding(
                        EventKind.RECOVERY,
                        "The RPO is within its objective of %s again; it was over it for %s, at worst %s."
                                .formatted(
                                        seconds(pipeline.objective()),
                                        seconds(Duration.between(breach.since, breach.calmSince)),
                                        seconds(breach.worst))));
    }

    private @Nullable Finding over(
            PipelineStatus pipeline, @Nullable Breach breach, Duration age, Instant now) {
        if (breach != null) {
            breach.calmSince = null;
            breach.worst = age.compareTo(breach.worst) > 0 ? age : breach.worst;
            return null;
        }
        breaches.put(pipeline.name(), new Breach(now, age));
        return new Finding(
                EventKind.BREACH,
                "The RPO is %s, over its objective of %s, while %s."
                        .formatted(seconds(age), seconds(pipeline.objective()), pipeline.state()));
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }
}
