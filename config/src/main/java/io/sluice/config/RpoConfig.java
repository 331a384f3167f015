package io.sluice.config;

import java.time.Duration;

/**
 * What is promised about the RPO.
 *
 * @param objective the RPO above which a pipeline is reported
 */
public record RpoConfig(Duration objective) {

    public static final RpoConfig DEFAULTS = new RpoConfig(Duration.ofSeconds(5));

    public RpoConfig {
        DurationText.requirePositive(objective);
    }
}
