package io.sluice.config;

import java.util.Objects;

/**
 * The gateway itself.
 *
 * @param name what it calls itself in logs and in the databases
 */
public record GatewayConfig(String name, HttpConfig http, TelemetryConfig telemetry) {

    public static final GatewayConfig DEFAULTS =
            new GatewayConfig("sluice", HttpConfig.DEFAULTS, TelemetryConfig.DEFAULTS);

    public GatewayConfig {
        Objects.requireNonNull(name);
        Objects.requireNonNull(http);
        Objects.requireNonNull(telemetry);
    }
}
