package io.sluice.gateway.server;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.sluice.config.GatewayConfig;
import io.sluice.config.OtlpConfig;
import io.sluice.gateway.apply.Operation;
import io.sluice.gateway.journal.PipelineOutlook;
import io.sluice.gateway.pipeline.Pipeline;
import io.sluice.gateway.pipeline.PipelineObserver;
import io.sluice.gateway.pipeline.PipelineSettings;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.pipeline.PipelineStatus;
import io.sluice.gateway.rpo.Exposure;
import io.sluice.gateway.sites.ClockSkew;
import io.sluice.gateway.snapshot.CopyMonitor;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** The pipelines' metrics. Thread-safe. */
public final class GatewayMetrics implements AutoCloseable {

    private static final Duration[] LATENCY_BUCKETS = {
        Duration.ofMillis(1),
        Duration.ofMillis(2),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(20),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(200),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(2),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ofMinutes(1),
        Duration.ofMinutes(5),
        Duration.ofMinutes(30),
        Duration.ofHours(2)
    };

    private final PrometheusMeterRegistry prometheus =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final @Nullable OtlpExport export;
    private final MeterRegistry registry;

    /** To be asked for, and sent to a receiver where the configuration names one. */
    public GatewayMetrics(GatewayConfig config, String version) {
        OtlpConfig otlp = config.telemetry().otlp();
        export =
                otlp.endpoint()
                        .map(endpoint -> new OtlpExport(otlp, endpoint, config.name(), version))
                        .orElse(null);
        registry =
                export == null
                        ? prometheus
                        : new CompositeMeterRegistry(
                                Clock.SYSTEM, List.of(prometheus, export.registry()));
    }

    /** All metrics in Prometheus' text format. */
    public String scrape() {
        return prometheus.scrape();
    }

    /** Sends what is to be sent once more. */
    @Override
    public void close() throws InterruptedException {
        if (export != null) {
            export.close();
        }
    }

    /** Where further meters, such as the JVM's, are bound. */
    public MeterRegistry registry() {
        return registry;
    }

    /** Registers what a pipeline counts as it goes; to be handed to it. */
    public PipelineObserver observer(PipelineSettings settings) {
        return new Counters(registry, tags(settings));
    }

    /** Registers what is read off a pipeline's status. */
    public void watch(Pipeline pipeline) {
        Tags tags = tags(pipeline.settings());
        gauge(MetricNames.RPO, tags, pipeline, GatewayMetrics::rpoSeconds);
        gauge(MetricNames.RPO_OBJECTIVE, tags, pipeline, s -> seconds(s.objective()));
        gauge(MetricNames.LAG_BYTES, tags, pipeline, s -> orNaN(s.lagBytes()));
        gauge(MetricNames.RETAINED_BYTES, tags, pipeline, s -> orNaN(s.retainedBytes()));
        gauge(MetricNames.UNREPLICATED, tags, pipeline, s -> s.exposure().behind().transactions());
        gauge(MetricNames.UNREPLICATED_ROWS, tags, pipeline, s -> s.exposure().behind().rows());
        gauge(MetricNames.UNREPLICATED_BYTES, tags, pipeline, s -> s.exposure().behind().bytes());
        gauge(MetricNames.PARKED_ROWS, tags, pipeline, PipelineStatus::parkedRows);
        gauge(MetricNames.BUFFER_ROWS, tags, pipeline, PipelineStatus::bufferedRows);
        gauge(MetricNames.BUFFER_BYTES, tags, pipeline, PipelineStatus::bufferedBytes);
        gauge(MetricNames.CLOCK_OFFSET, tags, pipeline, s -> seconds(s.clockOffset()));
        gauge(MetricNames.CLOCK_UNCERTAINTY, tags, pipeline, s -> seconds(s.clockUncertainty()));
        for (Exposure.Basis basis : Exposure.Basis.values()) {
            gauge(
                    MetricNames.RPO_BASIS,
                    tags.and("basis", basis.name()),
                    pipeline,
                    s -> s.exposure().basis() == basis ? 1 : 0);
        }
        for (PipelineState state : PipelineState.values()) {
            gauge(
                    MetricNames.STATE,
                    tags.and("state", state.name()),
                    pipeline,
                    s -> s.state() == state ? 1 : 0);
        }
        watchCopy(pipeline, tags);
    }

    /** Registers how far the source's clock is ahead of the target's, where both are sites. */
    public void watchSkew(PipelineSettings settings, Supplier<Optional<ClockSkew>> skew) {
        Gauge.builder(
                        MetricNames.CLOCK_SKEW,
                        skew,
                        s -> s.get().map(found -> seconds(found.ahead())).orElse(Double.NaN))
                .tags(tags(settings))
                .strongReference(true)
                .register(registry);
    }

    /** Registers how a pipeline keeps its objective and what becomes of it. */
    public void watch(PipelineSettings settings, PipelineOutlook pipeline) {
        new OutlookMetrics(registry).watch(tags(settings), pipeline);
    }

    private void watchCopy(Pipeline pipeline, Tags tags) {
        FunctionCounter.builder(MetricNames.COPY_ROWS, pipeline, p -> copiedRows(p.status()))
                .tags(tags)
                .register(registry);
        FunctionCounter.builder(
                        MetricNames.COPY_BYTES,
                        pipeline,
                        p -> copied(p.status(), CopyMonitor.Progress::bytes))
                .tags(tags)
                .register(registry);
        Tags done = tags.and("state", "done");
        Tags left = tags.and("state", "left");
        copyGauge(MetricNames.COPY_CHUNKS, done, pipeline, c -> c.chunksDone());
        copyGauge(MetricNames.COPY_CHUNKS, left, pipeline, c -> c.chunks() - c.chunksDone());
        copyGauge(MetricNames.COPY_TABLES, done, pipeline, c -> c.tablesDone());
        copyGauge(MetricNames.COPY_TABLES, left, pipeline, c -> c.tables() - c.tablesDone());
        copyGauge(
                MetricNames.COPY_REMAINING,
                tags,
                pipeline,
                c -> c.remaining() == null ? Double.NaN : seconds(c.remaining()));
        copyGauge(MetricNames.COPY_PAUSED, tags, pipeline, c -> c.paused() == null ? 0 : 1);
        gauge(MetricNames.BUILDS, done, pipeline, s -> s.builds().done());
        gauge(
                MetricNames.BUILDS,
                tags.and("state", "pending"),
                pipeline,
                s -> s.builds().pending());
        gauge(
                MetricNames.BUILDS,
                tags.and("state", "failed"),
                pipeline,
                s -> s.builds().unbuilt().size());
    }

    private void copyGauge(
            String name,
            Tags tags,
            Pipeline pipeline,
            ToDoubleFunction<CopyMonitor.Progress> value) {
        gauge(name, tags, pipeline, status -> copied(status, value));
    }

    /** 0 where there was no copy. */
    private static double copied(
            PipelineStatus status, ToDoubleFunction<CopyMonitor.Progress> value) {
        CopyMonitor.Progress copy = status.copy();
        return copy == null ? 0 : value.applyAsDouble(copy);
    }

    private void gauge(
            String name, Tags tags, Pipeline pipeline, ToDoubleFunction<PipelineStatus> value) {
        Gauge.builder(name, pipeline, p -> value.applyAsDouble(p.status()))
                .tags(tags)
                .strongReference(true)
                .register(registry);
    }

    private static Tags tags(PipelineSettings settings) {
        return Tags.of(
                "replication", settings.replication(),
                "pipeline", settings.name(),
                "source", settings.source(),
                "target", settings.target());
    }

    private static double rpoSeconds(PipelineStatus status) {
        Duration age = status.exposure().age();
        return age == null ? Double.NaN : seconds(age);
    }

    private static double copiedRows(PipelineStatus status) {
        return status.copy() == null ? 0 : status.copy().rows();
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }

    private static double orNaN(long value) {
        return value < 0 ? Double.NaN : value;
    }

    private static final class Counters implements PipelineObserver {

        private final MeterRegistry registry;
        private final Tags tags;
        private final Map<Operation, Counter> changes = new EnumMap<>(Operation.class);
        private final Counter transactions;
        private final Timer latency;

        Counters(MeterRegistry registry, Tags tags) {
            this.registry = registry;
            this.tags = tags;
            for (Operation operation : Operation.values()) {
                changes.put(
                        operation,
                        registry.counter(
                                MetricNames.APPLIED_CHANGES,
                                tags.and("operation", operation.name().toLowerCase(Locale.ROOT))));
            }
            transactions = registry.counter(MetricNames.APPLIED_TRANSACTIONS, tags);
            latency =
                    Timer.builder(MetricNames.LATENCY)
                            .tags(tags)
                            .serviceLevelObjectives(LATENCY_BUCKETS)
                            .register(registry);
            for (String errorClass : List.of("retry", "row", "fatal")) {
                errors(errorClass);
            }
        }

        @Override
        public void applied(Map<Operation, Long> counts, List<Duration> latencies) {
            counts.forEach((operation, count) -> counter(operation).increment(count));
            transactions.increment(latencies.size());
            latencies.forEach(latency::record);
        }

        @Override
        public void conflict(String type, String resolution) {
            registry.counter(
                            MetricNames.CONFLICTS,
                            tags.and("type", type).and("resolution", resolution))
                    .increment();
        }

        private Counter counter(Operation operation) {
            return java.util.Objects.requireNonNull(changes.get(operation));
        }

        @Override
        public void failed(String errorClass) {
            errors(errorClass).increment();
        }

        @Override
        public void parked(String table) {
            registry.counter(MetricNames.REFUSED_ROWS, tags.and("table", table)).increment();
        }

        private Counter errors(String errorClass) {
            return registry.counter(MetricNames.ERRORS, tags.and("class", errorClass));
        }
    }
}
