package io.sluice.config;

import java.time.Duration;
import java.util.Objects;

/**
 * What is promised about the RPO: over each window, for the target's part of the time, it is at
 * most the objective.
 *
 * @param objective the RPO above which a pipeline is reported
 */
public record RpoConfig(Duration objective, Duration window, Percentage target) {

    public static final RpoConfig DEFAULTS =
            new RpoConfig(Duration.ofSeconds(5), Duration.ofDays(30), Percentage.parse("99.9%"));

    public RpoConfig {
        DurationText.requirePositive(objective);
        DurationText.requirePositive(window);
        Objects.requireNonNull(target);
    }
}
