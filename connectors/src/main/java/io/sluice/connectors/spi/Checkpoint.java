package io.sluice.connectors.spi;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.SourcePosition;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is durable on the target of one pipeline. It lies in the target and is written in the same
 * transaction as the rows that it covers; nothing else is the truth about progress.
 *
 * @param epoch raised by each gateway that takes the pipeline over
 * @param phase how far the pipeline has come
 * @param position everything up to here is on the target; null before the log was started
 * @param commitTime when the source committed the last transaction that is covered, by its clock
 * @param sourceIdentity whose position it is ({@link SourceDatabase#identity()}), which is the one
 *     that took over once the position is of its log; null before the log was started
 * @param clock the latest stamp of what was applied, where several sites write; else null
 */
public record Checkpoint(
        String pipeline,
        long epoch,
        Phase phase,
        @Nullable SourcePosition position,
        @Nullable Instant commitTime,
        @Nullable String sourceIdentity,
        @Nullable HybridTimestamp clock) {

    /** The life cycle of a pipeline's data on the target. */
    public enum Phase {
        /**
         * Nothing has been done, or the operator has ordered a new copy. Set by claim and recopy.
         */
        NEW,
        /** The log is kept and the tables are being filled. Set when the log was started. */
        COPYING,
        /** The target follows the log from {@code position} on. Set when the copy is complete. */
        STREAMING,
        /** The target shows what was loaded whole; there is no log to follow. Set by each load. */
        LOADED
    }

    public Checkpoint {
        Objects.requireNonNull(pipeline);
        Objects.requireNonNull(phase);
        if (phase == Phase.STREAMING && (position == null || sourceIdentity == null)) {
            throw new IllegalArgumentException(pipeline + ": streaming needs a position");
        }
    }

    /** Of a pipeline that needs no clock, or has none yet. */
    public Checkpoint(
            String pipeline,
            long epoch,
            Phase phase,
            @Nullable SourcePosition position,
            @Nullable Instant commitTime,
            @Nullable String sourceIdentity) {
        this(pipeline, epoch, phase, position, commitTime, sourceIdentity, null);
    }

    public Checkpoint at(SourcePosition newPosition, @Nullable Instant newCommitTime) {
        return new Checkpoint(
                pipeline, epoch, phase, newPosition, newCommitTime, sourceIdentity, clock);
    }

    public Checkpoint in(Phase newPhase) {
        return new Checkpoint(
                pipeline, epoch, newPhase, position, commitTime, sourceIdentity, clock);
    }

    public Checkpoint of(String newSourceIdentity) {
        return new Checkpoint(
                pipeline, epoch, phase, position, commitTime, newSourceIdentity, clock);
    }

    public Checkpoint stamped(HybridTimestamp newClock) {
        return new Checkpoint(
                pipeline, epoch, phase, position, commitTime, sourceIdentity, newClock);
    }
}
