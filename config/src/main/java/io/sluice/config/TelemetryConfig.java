package io.sluice.config;

import java.util.Objects;

/** Where the gateway sends its metrics by itself, besides being asked for them. */
public record TelemetryConfig(OtlpConfig otlp) {

    public static final TelemetryConfig DEFAULTS = new TelemetryConfig(OtlpConfig.DEFAULTS);

    public TelemetryConfig {
        Objects.requireNonNull(otlp);
    }
}
