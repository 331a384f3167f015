package io.sluice.gateway.server;

import io.sluice.connectors.spi.ObjectiveStore.Breach;
import io.sluice.gateway.pipeline.PipelineStatus;
import io.sluice.gateway.rpo.ObjectiveReport;
import io.sluice.gateway.rpo.Tally;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How objectives were kept, as the API tells it. As {@link Views}. */
public final class ReportViews {

    private ReportViews() {}

    /**
     * @param from the first day, in UTC
     * @param until the day after the last
     * @param asOf when it was made: what is later is not in it
     */
    public record RpoReport(
            String gateway,
            String from,
            String until,
            String asOf,
            List<PipelineReport> pipelines) {}

    /**
     * @param isWhole whether what earlier runs of a gateway kept in the target is in it
     * @param knownSince when the RPO was first known; nothing is counted before
     * @param targetMet null where there was no time to keep it in
     */
    public record PipelineReport(
            String pipeline,
            String replication,
            String source,
            String target,
            double objectiveSeconds,
            double targetRatio,
            boolean isWhole,
            @Nullable String knownSince,
            @Nullable Boolean targetMet,
            double budgetSeconds,
            Spent all,
            List<Day> days,
            List<BreachView> breaches) {}

    /**
     * How a time was spent, in seconds.
     *
     * @param attained the part that was kept, of the time to which the objective applied; null
     *     where there was none
     */
    public record Spent(
            double kept,
            double over,
            double unknown,
            double unwatched,
            double exempt,
            double worstRpo,
            @Nullable Double attained) {}

    /** One day, in UTC. */
    public record Day(String date, Spent spent) {}

    /**
     * @param ended null while it lasts
     */
    public record BreachView(
            String started,
            @Nullable String ended,
            double seconds,
            double worstSeconds,
            double objectiveSeconds,
            String cause) {}

    static PipelineReport pipeline(
            PipelineStatus pipeline, ObjectiveReport report, boolean isWhole, Instant now) {
        return new PipelineReport(
                pipeline.name(),
                pipeline.replication(),
                pipeline.source(),
                pipeline.target(),
                Views.seconds(report.objective().objective()),
                report.objective().target(),
                isWhole,
                report.first() == null ? null : report.first().toString(),
                report.isMet(),
                Views.seconds(report.budget()),
                spent(report.all()),
                report.days().stream()
                        .map(day -> new Day(day.date().toString(), spent(day.tally())))
                        .toList(),
                report.breaches().stream().map(breach -> breach(breach, now)).toList());
    }

    private static Spent spent(Tally tally) {
        return new Spent(
                Views.seconds(tally.kept()),
                Views.seconds(tally.over()),
                Views.seconds(tally.unknown()),
                Views.seconds(tally.unwatched()),
                Views.seconds(tally.exempt()),
                Views.seconds(tally.worst()),
                tally.held().isZero() ? null : tally.attained());
    }

    private static BreachView breach(Breach breach, Instant now) {
        Instant ended = breach.ended();
        return new BreachView(
                breach.started().toString(),
                ended == null ? null : ended.toString(),
                Views.seconds(
                        java.time.Duration.between(breach.started(), ended == null ? now : ended)),
                Views.seconds(breach.worst()),
                Views.seconds(breach.objective()),
                breach.cause());
    }
}
