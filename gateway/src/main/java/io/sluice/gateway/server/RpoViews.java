package io.sluice.gateway.server;

import io.sluice.gateway.pipeline.PipelineStatus;
import io.sluice.gateway.rpo.Exposure;
import io.sluice.gateway.rpo.Forecast;
import io.sluice.gateway.rpo.ObjectiveLedger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The API's answers about the RPO. As {@link Views}. */
public final class RpoViews {

    private RpoViews() {}

    /**
     * The RPO of every pipeline, and the worst of them.
     *
     * @param regions of each, the worst of what leaves it
     */
    public record RpoOverview(
            @Nullable Double worstSeconds,
            List<Views.Rpo> pipelines,
            List<Worst> replications,
            List<Worst> regions) {}

    /**
     * @param rpoSeconds of the worst of its pipelines; null where that of one is unknown
     */
    public record Worst(String name, @Nullable Double rpoSeconds) {}

    /**
     * What may go wrong in the objective's window, and how much of that is used up.
     *
     * @param target the part of the window in which the objective is to be kept
     * @param leftRatio of what is allowed; negative where more was used
     * @param burnRateHour how many times faster than allowed it was used up in the last hour
     */
    public record Budget(
            double target,
            double windowSeconds,
            double allowedSeconds,
            double usedSeconds,
            double leftRatio,
            double burnRateHour,
            double burnRateSixHours) {}

    /** What becomes of it at the present trend; each null where it does not tend there. */
    public record Outlook(
            @Nullable Estimate catchUp, @Nullable Estimate breach, @Nullable Estimate retention) {}

    /**
     * @param confidence how well the trend fits, from 0 to 1
     */
    public record Estimate(double seconds, double confidence) {}

    /**
     * @param region of a database, by its name; its own name where it has none
     */
    static RpoOverview overview(
            List<PipelineStatus> pipelines,
            Function<String, io.sluice.gateway.rpo.Outlook> outlooks,
            UnaryOperator<String> region) {
        return new RpoOverview(
                Views.worstRpo(pipelines),
                pipelines.stream().map(p -> rpo(p, outlooks.apply(p.name()))).toList(),
                worst(pipelines, p -> p.replication()),
                worst(pipelines, p -> region.apply(p.source())));
    }

    private static List<Worst> worst(
            List<PipelineStatus> pipelines, Function<PipelineStatus, String> by) {
        Map<String, List<PipelineStatus>> groups = new LinkedHashMap<>();
        pipelines.forEach(p -> groups.computeIfAbsent(by.apply(p), n -> new ArrayList<>()).add(p));
        return groups.entrySet().stream()
                .map(group -> new Worst(group.getKey(), Views.worstRpo(group.getValue())))
                .toList();
    }

    static Views.Rpo rpo(PipelineStatus s, io.sluice.gateway.rpo.Outlook outlook) {
        Exposure exposure = s.exposure();
        Duration age = exposure.age();
        return new Views.Rpo(
                s.name(),
                s.replication(),
                s.source(),
                s.target(),
                exposure.basis().name(),
                age == null ? null : Views.seconds(age),
                Views.seconds(s.objective()),
                s.withinObjective(),
                exposure.behind().transactions(),
                exposure.behind().rows(),
                exposure.behind().bytes(),
                Views.known(s.lagBytes()),
                budget(outlook),
                forecast(outlook.forecast()));
    }

    private static Budget budget(io.sluice.gateway.rpo.Outlook outlook) {
        ObjectiveLedger.Budget budget = outlook.budget();
        return new Budget(
                outlook.objective().target(),
                Views.seconds(outlook.objective().window()),
                Views.seconds(budget.allowed()),
                Views.seconds(budget.used()),
                budget.left(),
                budget.lastHour(),
                budget.lastSixHours());
    }

    private static Outlook forecast(Forecast forecast) {
        return new Outlook(
                estimate(forecast.catchUp()),
                estimate(forecast.breach()),
                estimate(forecast.retention()));
    }

    private static @Nullable Estimate estimate(Forecast.@Nullable Estimate estimate) {
        return estimate == null
                ? null
                : new Estimate(Views.seconds(estimate.in()), estimate.confidence());
    }
}
