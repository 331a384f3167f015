package io.sluice.gateway.server;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.sluice.connectors.spi.PipelineEvent;
import io.sluice.connectors.spi.TableLoads;
import io.sluice.gateway.keybased.SweepCounts;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.pipeline.PipelineStatus;
import io.sluice.gateway.rpo.Outlook;
import io.sluice.gateway.snapshot.BuildMonitor;
import io.sluice.gateway.snapshot.CopyMonitor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The API's answers. Times are ISO 8601 in UTC, durations seconds, unknown numbers null. */
public final class Views {

    private Views() {}

    /** All replications. */
    public record Replications(List<Replication> replications) {}

    /**
     * @param state the state of its worst pipeline
     * @param rpoSeconds of its worst pipeline
     */
    public record Replication(
            String name,
            String mode,
            String state,
            @Nullable Double rpoSeconds,
            double objectiveSeconds,
            List<Pipeline> pipelines) {}

    /** A pipeline as it is. */
    public record Pipeline(
            String name,
            String replication,
            String mode,
            String source,
            String target,
            String state,
            String since,
            @Nullable String position,
            @Nullable String commitTime,
            @Nullable String consistentAt,
            Rpo rpo,
            @Nullable Long lagBytes,
            @Nullable Long retainedBytes,
            double clockOffsetSeconds,
            double clockUncertaintySeconds,
            boolean sourceReachable,
            long bufferedRows,
            long bufferedBytes,
            long appliedTransactions,
            long appliedChanges,
            @Nullable Copy copy,
            long parkedRows,
            Builds builds,
            @Nullable Sweep sweep,
            @Nullable Failure failure,
            int retries,
            @Nullable Load load) {}

    /** The last load of whole tables. */
    public record Load(
            long number,
            String moment,
            @Nullable String position,
            String started,
            String finished,
            long rows,
            long inserted,
            long updated,
            long deleted,
            @Nullable String next) {}

    /** What would be lost now. */
    public record Rpo(
            String pipeline,
            String replication,
            String source,
            String target,
            String basis,
            @Nullable Double rpoSeconds,
            double objectiveSeconds,
            @Nullable Boolean withinObjective,
            long unreplicatedTransactions,
            long unreplicatedRows,
            long unreplicatedBytes,
            @Nullable Long lagBytes,
            RpoViews.Budget budget,
            RpoViews.Outlook forecast) {}

    /**
     * What looking for deletes has found; {@code deletesAsOf}: all until then are on the target.
     */
    public record Sweep(
            String deletesAsOf, long ranges, long differing, long deleted, long written) {}

    /** How a copy is getting on. */
    public record Copy(
            long tablesDone,
            long tables,
            long chunksDone,
            long chunks,
            long rows,
            long rowsExpected,
            long bytes,
            long rowsPerSecond,
            long bytesPerSecond,
            @Nullable Double remainingSeconds,
            @Nullable String paused) {}

    /** How the indexes and keys are getting on that are made after the rows. */
    public record Builds(
            int all, int done, int pending, List<String> building, List<Unbuilt> unbuilt) {}

    /** What the target has refused, and the statement that makes it. */
    public record Unbuilt(String object, String failure, String statement) {}

    /** Why a pipeline stopped or tries again. */
    public record Failure(
            String errorClass,
            String message,
            String at,
            @Nullable String table,
            @Nullable String key,
            PipelineStatus.@Nullable Gap gap) {}

    /** Something that happened. */
    public record Event(long id, String at, String pipeline, String kind, String text) {}

    /**
     * A page of events, the oldest first.
     *
     * @param next what to ask {@code after} for those that follow
     */
    public record Events(List<Event> events, long next) {}

    /** Who asks whom. */
    public record Session(String gateway, String version, String caller, String role) {}

    /** What a pipeline was like, a sample a second, the oldest first. */
    public record Course(double objectiveSeconds, List<History.Sample> samples) {}

    /** The gateway at one moment. */
    public record Live(String at, List<Replication> replications) {}

    /**
     * What may come with an order.
     *
     * @param reason for the journal
     */
    public record Order(@Nullable String reason) {}

    /** Whether the gateway, or all that it does, works. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Health(String status, @Nullable List<String> reasons) {}

    /** The replications that these pipelines make up, in their order. */
    public static Replications replications(
            List<PipelineStatus> pipelines, Function<String, Outlook> outlooks) {
        Map<String, List<PipelineStatus>> byName = new LinkedHashMap<>();
        pipelines.forEach(
                p -> byName.computeIfAbsent(p.replication(), n -> new ArrayList<>()).add(p));
        return new Replications(
                byName.values().stream().map(own -> replication(own, outlooks)).toList());
    }

    /** One replication of its pipelines. */
    public static Replication replication(
            List<PipelineStatus> pipelines, Function<String, Outlook> outlooks) {
        PipelineStatus any = pipelines.getFirst();
        PipelineState worst =
                pipelines.stream()
                        .map(PipelineStatus::state)
                        .max((a, b) -> Integer.compare(badness(a), badness(b)))
                        .orElseThrow();
        return new Replication(
                any.replication(),
                any.mode(),
                worst.name(),
                worstRpo(pipelines),
                seconds(any.objective()),
                pipelines.stream().map(p -> pipeline(p, outlooks)).toList());
    }

    public static Pipeline pipeline(PipelineStatus s, Function<String, Outlook> outlooks) {
        return new Pipeline(
                s.name(),
                s.replication(),
                s.mode(),
                s.source(),
                s.target(),
                s.state().name(),
                s.since().toString(),
                s.position(),
                s.commitTime() == null ? null : s.commitTime().toString(),
                s.consistentAt(),
                RpoViews.rpo(s, outlooks.apply(s.name())),
                known(s.lagBytes()),
                known(s.retainedBytes()),
                seconds(s.clockOffset()),
                seconds(s.clockUncertainty()),
                s.sourceReachable(),
                s.bufferedRows(),
                s.bufferedBytes(),
                s.appliedTransactions(),
                s.appliedChanges(),
                copy(s.copy()),
                s.parkedRows(),
                builds(s.builds()),
                sweep(s.sweeps()),
                failure(s.failure()),
                s.retries(),
                load(s.load()));
    }

    private static @Nullable Sweep sweep(SweepCounts counts) {
        return counts.asOf() == null
                ? null
                : new Sweep(
                        counts.asOf().toString(),
                        counts.ranges(),
                        counts.differing(),
                        counts.deleted(),
                        counts.written());
    }

    public static Event event(PipelineEvent event) {
        return new Event(
                event.id(), event.at().toString(), event.pipeline(), event.kind(), event.text());
    }

    public static Events events(List<PipelineEvent> events, long after) {
        return new Events(
                events.stream().map(Views::event).toList(),
                events.isEmpty() ? after : events.getLast().id());
    }

    /** Unknown is worse than any number. */
    static @Nullable Double worstRpo(List<PipelineStatus> pipelines) {
        double worst = 0;
        for (PipelineStatus pipeline : pipelines) {
            Duration age = pipeline.exposure().age();
            if (age == null) {
                return null;
            }
            worst = Math.max(worst, seconds(age));
        }
        return worst;
    }

    private static int badness(PipelineState state) {
        return switch (state) {
            case STREAMING, WAITING, COMPLETED -> 0;
            case CATCHING_UP -> 1;
            case COPYING -> 2;
            case DRAINING -> 3;
            case PAUSED -> 4;
            case STOPPED -> 5;
            case STARTING -> 6;
            case FAILED -> 7;
        };
    }

    private static @Nullable Load load(PipelineStatus.@Nullable LoadStatus status) {
        if (status == null) {
            return null;
        }
        TableLoads.Run run = status.run();
        return new Load(
                run.number(),
                run.moment().toString(),
                run.position(),
                run.started().toString(),
                run.finished().toString(),
                run.rows(),
                run.changes().inserted(),
                run.changes().updated(),
                run.changes().deleted(),
                status.next() == null ? null : status.next().toString());
    }

    private static @Nullable Copy copy(CopyMonitor.@Nullable Progress p) {
        return p == null
                ? null
                : new Copy(
                        p.tablesDone(),
                        p.tables(),
                        p.chunksDone(),
                        p.chunks(),
                        p.rows(),
                        p.rowsExpected(),
                        p.bytes(),
                        p.rowsPerSecond(),
                        p.bytesPerSecond(),
                        p.remaining() == null ? null : seconds(p.remaining()),
                        p.paused());
    }

    private static Builds builds(BuildMonitor.Progress p) {
        return new Builds(
                p.all(),
                p.done(),
                p.pending(),
                p.building(),
                p.unbuilt().stream()
                        .map(u -> new Unbuilt(u.object(), u.failure(), u.statement()))
                        .toList());
    }

    private static @Nullable Failure failure(PipelineStatus.@Nullable Failure f) {
        return f == null
                ? null
                : new Failure(
                        f.errorClass(),
                        f.message(),
                        f.at().toString(),
                        f.table(),
                        f.key(),
                        f.gap());
    }

    static @Nullable Long known(long value) {
        return value < 0 ? null : value;
    }

    static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }
}
