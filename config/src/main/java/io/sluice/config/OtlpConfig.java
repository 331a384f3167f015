package io.sluice.config;

import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A receiver of OpenTelemetry metrics, by OTLP over HTTP.
 *
 * @param endpoint what the metrics are sent to; empty where none are sent
 * @param interval between two sendings
 * @param headers sent along, such as a token
 */
public record OtlpConfig(Optional<URI> endpoint, Duration interval, Map<String, Secret> headers) {

    static final Duration SHORTEST_INTERVAL = Duration.ofSeconds(1);

    public static final OtlpConfig DEFAULTS =
            new OtlpConfig(Optional.empty(), Duration.ofSeconds(30), Map.of());

    public OtlpConfig {
        Objects.requireNonNull(endpoint);
        if (interval.compareTo(SHORTEST_INTERVAL) < 0) {
            throw new IllegalArgumentException("must be at least 1s");
        }
        headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
    }
}
