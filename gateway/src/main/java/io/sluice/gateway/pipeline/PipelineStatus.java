package io.sluice.gateway.pipeline;

import io.sluice.connectors.spi.TableLoads;
import io.sluice.gateway.keybased.SweepCounts;
import io.sluice.gateway.rpo.Exposure;
import io.sluice.gateway.sites.ClockSkew;
import io.sluice.gateway.snapshot.BuildMonitor;
import io.sluice.gateway.snapshot.CopyMonitor;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a pipeline is, at one moment.
 *
 * @param since when it came into this state
 * @param position the checkpoint's, in the source's own form; null before there is one
 * @param commitTime of the last source transaction that is durable on the target, by the source's
 *     clock
 * @param consistentAt the position from which on the target is as the source was at one moment,
 *     while a copy that was interrupted is completed from the log; else null
 * @param lagBytes log between the checkpoint and the source's end when it last answered; -1 unknown
 * @param retainedBytes log that the source keeps for this pipeline; -1 unknown
 * @param roomBytes what the source can write until it gives up log that was not read; -1 unknown,
 *     or never
 * @param logKeptFor how long the source keeps its log, whoever reads it; null where time does not
 *     matter
 * @param clockOffset how far the source's clock is ahead of the gateway's
 * @param clockUncertainty by how much that may be wrong, either way
 * @param sourceReachable whether the source answered the last probe
 * @param copy how the copy is getting on; null when none was begun
 * @param parkedRows rows that the target refused and that wait for the operator
 * @param builds how the indexes and keys are getting on that are made after the rows
 * @param sweeps what was found by looking for deletes; all zero in modes other than key-based
 * @param failure the error that stopped it or that it is recovering from; null when there is none
 * @param retries attempts since it last made progress
 * @param load the last load of whole tables; null where there was none
 */
public record PipelineStatus(
        String name,
        String replication,
        String mode,
        String source,
        String target,
        PipelineState state,
        Instant since,
        @Nullable String position,
        @Nullable Instant commitTime,
        @Nullable String consistentAt,
        Exposure exposure,
        Duration objective,
        long lagBytes,
        long retainedBytes,
        long roomBytes,
        @Nullable Duration logKeptFor,
        Duration clockOffset,
        Duration clockUncertainty,
        boolean sourceReachable,
        long bufferedRows,
        long bufferedBytes,
        long appliedTransactions,
        long appliedChanges,
        CopyMonitor.@Nullable Progress copy,
        long parkedRows,
        BuildMonitor.Progress builds,
        SweepCounts sweeps,
        @Nullable Failure failure,
        int retries,
        @Nullable LoadStatus load) {

    /**
     * Whether no more would be lost than is to be; null where that is not known, and of what was
     * loaded once and for all, which only grows older.
     */
    public @Nullable Boolean withinObjective() {
        Duration age = exposure.age();
        return age == null || isExempt() ? null : age.compareTo(objective) <= 0;
    }

    /**
     * Whether no objective applies, as to what was loaded once and for all, whatever came after.
     */
    public boolean isExempt() {
        return load != null && load.next() == null;
    }

    /**
     * How far the source's clock is ahead of the target's; empty where either does not answer.
     *
     * @param back of the pipeline from the target to the source
     */
    public Optional<ClockSkew> skew(PipelineStatus back) {
        return sourceReachable && back.sourceReachable
                ? Optional.of(
                        new ClockSkew(
                                clockOffset.minus(back.clockOffset),
                                clockUncertainty.plus(back.clockUncertainty)))
                : Optional.empty();
    }

    /**
     * @param run the last load that was completed
     * @param next when the next one is due; null for never
     */
    public record LoadStatus(TableLoads.Run run, @Nullable Instant next) {}

    /**
     * Why a pipeline stopped or tries again.
     *
     * @param message what failed, where, and what to do next; without row values
     * @param table the table concerned, on the target; null where it is not about one
     * @param key the row's key as {@code column=value}; for the operator's eyes, never logged
     * @param gap what the target lacks and the source can no longer tell; null where there is none
     */
    public record Failure(
            String errorClass,
            String message,
            Instant at,
            @Nullable String table,
            @Nullable String key,
            @Nullable Gap gap) {}

    /** The positions between which changes are lost to the log. */
    public record Gap(String from, String to) {}
}
