package io.sluice.gateway.server;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.registry.otlp.OtlpMeterRegistry;
import io.sluice.config.OtlpConfig;
import io.sluice.config.Secret;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends metrics to a receiver of OpenTelemetry at every interval, on a thread of its own. All
 * counts are from the start on, so a sending that failed is made up for by the next.
 */
final class OtlpExport implements AutoCloseable {

    private static final Duration LAST_CHANCE = Duration.ofMillis(500);

    private final OtlpSender sender;
    private final OtlpMeterRegistry registry;

    /**
     * @param gateway its name, by which the receiver tells gateways apart
     */
    OtlpExport(OtlpConfig config, URI endpoint, String gateway, String version) {
        sender = new OtlpSender(endpoint);
        registry =
                OtlpMeterRegistry.builder(new Settings(config, endpoint, gateway, version))
                        .clock(Clock.SYSTEM)
                        .threadFactory(Thread.ofPlatform().name("otlp").daemon().factory())
                        .metricsSender(sender)
                        .build();
    }

    MeterRegistry registry() {
        return registry;
    }

    /** Sends once more, if that goes quickly, and ends. */
    @Override
    public void close() throws InterruptedException {
        Thread last = Thread.ofVirtual().name("otlp end").start(registry::close);
        try {
            last.join(LAST_CHANCE);
        } finally {
            sender.close();
        }
    }

    /** What the registry asks; nothing comes from the process's environment. */
    private record Settings(OtlpConfig config, URI endpoint, String gateway, String version)
            implements io.micrometer.registry.otlp.OtlpConfig {

        @Override
        public @Nullable String get(String key) {
            return null;
        }

        @Override
        public String url() {
            return endpoint.toString();
        }

        @Override
        public Duration step() {
            return config.interval();
        }

        /** As in the names of the metrics. */
        @Override
        public TimeUnit baseTimeUnit() {
            return TimeUnit.SECONDS;
        }

        @Override
        public Map<String, String> headers() {
            Map<String, String> headers = new HashMap<>();
            for (Map.Entry<String, Secret> header : config.headers().entrySet()) {
                headers.put(header.getKey(), header.getValue().reveal());
            }
            return headers;
        }

        @Override
        public Map<String, String> resourceAttributes() {
            Map<String, String> attributes = new LinkedHashMap<>();
            attributes.put("service.name", "sluice");
            attributes.put("service.instance.id", gateway);
            attributes.put("service.version", version);
            return attributes;
        }
    }
}
