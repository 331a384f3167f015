package io.sluice.gateway.rpo;

import java.time.Duration;

/**
 * What is promised of a pipeline's RPO.
 *
 * @param objective the RPO is to be at most this
 * @param window over so long a time
 * @param target for this part of it, above 0 and under 1
 */
public record Objective(Duration objective, Duration window, double target) {

    public Objective {
        if (!objective.isPositive() || !window.isPositive() || !(target > 0 && target < 1)) {
            throw new IllegalArgumentException(objective + ", " + window + ", " + target);
        }
    }

    /** How long in a window the RPO may be over the objective. */
    public Duration budget() {
        return part(window);
    }

    /** The part of a time that the target leaves. */
    Duration part(Duration time) {
        return Duration.ofNanos((long) (time.toNanos() * (1 - target)));
    }
}
