package io.sluice.connectors.spi;

import io.sluice.change.SourcePosition;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Measures a source over a connection of its own, so that a stalled log reader cannot hide. Used by
 * one thread.
 */
public interface SourceProbe extends AutoCloseable {

    /**
     * Asks the source for its clock and the end of its log.
     *
     * @throws ConnectorException within seconds if it does not answer
     */
    Reading read();

    /**
     * Commits a mark into the log that comes out of the {@link ChangeSource} as a transaction
     * without changes: proof that everything before it has come through.
     */
    void heartbeat();

    /**
     * A position that covers every commit that anybody can see by now, flushed or not, and that the
     * log gets to although nobody else writes.
     */
    default SourcePosition horizon() {
        heartbeat(); // durable after all of them, so that the end read next covers them
        SourcePosition end = read().position();
        heartbeat(); // ends after it
        return end;
    }

    /**
     * How much the source may yet write, by its last answer, until it gives up log that the
     * pipeline has not read; empty where it keeps all of it, or does not say.
     */
    default OptionalLong roomBytes() {
        return OptionalLong.empty();
    }

    /** How long the source keeps log, whoever reads it; empty where time does not matter. */
    default Optional<Duration> keepsLogFor() {
        return Optional.empty();
    }

    /**
     * @param clock the source's own clock
     * @param position the end of what is durable in its log; everything committed so far is covered
     * @param retainedBytes log that the source keeps for this pipeline; -1 where it does not say
     * @param log which selection of changes the pipeline reads; another one where it was made anew,
     *     null where there is none
     */
    record Reading(
            Instant clock, SourcePosition position, long retainedBytes, @Nullable String log) {}

    @Override
    void close();
}
