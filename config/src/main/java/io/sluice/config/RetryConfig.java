package io.sluice.config;

import java.time.Duration;

/**
 * How long to wait before trying again. The wait grows from {@code initialDelay} to {@code
 * maxDelay}; there is no last try.
 */
public record RetryConfig(Duration initialDelay, Duration maxDelay) {

    public static final RetryConfig DEFAULTS =
            new RetryConfig(Duration.ofMillis(250), Duration.ofSeconds(30));

    public RetryConfig {
        DurationText.requirePositive(initialDelay);
        DurationText.requirePositive(maxDelay);
        if (initialDelay.compareTo(maxDelay) > 0) {
            throw new IllegalArgumentException("initialDelay must not be longer than maxDelay");
        }
    }
}
