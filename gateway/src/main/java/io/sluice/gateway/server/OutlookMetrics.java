package io.sluice.gateway.server;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.sluice.gateway.journal.PipelineOutlook;
import io.sluice.gateway.rpo.Forecast.Estimate;
import io.sluice.gateway.rpo.Outlook;
import io.sluice.gateway.rpo.Tally;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** How a pipeline keeps its objective and what becomes of it, as metrics. */
final class OutlookMetrics {

    private final MeterRegistry registry;

    OutlookMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    void watch(Tags tags, PipelineOutlook pipeline) {
        gauge(MetricNames.OBJECTIVE_TARGET, tags, pipeline, o -> o.objective().target());
        gauge(MetricNames.BUDGET_LEFT, tags, pipeline, o -> o.budget().left());
        gauge(MetricNames.BURN_RATE, tags.and("over", "1h"), pipeline, o -> o.budget().lastHour());
        gauge(
                MetricNames.BURN_RATE,
                tags.and("over", "6h"),
                pipeline,
                o -> o.budget().lastSixHours());
        estimate(MetricNames.FORECAST_BREACH, tags, pipeline, o -> o.forecast().breach());
        estimate(MetricNames.FORECAST_CATCH_UP, tags, pipeline, o -> o.forecast().catchUp());
        estimate(MetricNames.FORECAST_RETENTION, tags, pipeline, o -> o.forecast().retention());
        outcomes()
                .forEach(
                        (outcome, time) ->
                                FunctionCounter.builder(
                                                MetricNames.OBJECTIVE_TIME,
                                                pipeline,
                                                p -> seconds(time.apply(p.ledger().seen())))
                                        .tags(tags.and("outcome", outcome))
                                        .register(registry));
    }

    private static Map<String, Function<Tally, Duration>> outcomes() {
        Map<String, Function<Tally, Duration>> outcomes = new LinkedHashMap<>();
        outcomes.put("kept", tally -> tally.kept());
        outcomes.put("over", tally -> tally.over());
        outcomes.put("unknown", tally -> tally.unknown());
        outcomes.put("exempt", tally -> tally.exempt());
        outcomes.put("unwatched", tally -> tally.unwatched());
        return outcomes;
    }

    private void estimate(
            String name,
            Tags tags,
            PipelineOutlook pipeline,
            Function<Outlook, @Nullable Estimate> of) {
        gauge(
                name,
                tags,
                pipeline,
                outlook -> {
                    Estimate estimate = of.apply(outlook);
                    return estimate == null ? Double.NaN : seconds(estimate.in());
                });
    }

    private void gauge(
            String name, Tags tags, PipelineOutlook pipeline, ToDoubleFunction<Outlook> value) {
        Gauge.builder(name, pipeline, p -> value.applyAsDouble(p.outlook()))
                .tags(tags)
                .strongReference(true)
                .register(registry);
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }
}
