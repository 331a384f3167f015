package io.sluice.gateway.sites;

import io.sluice.change.SourcePosition;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.SourceProbe;
import io.sluice.gateway.apply.RacedException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * Waits until all that has been committed at a site by now has come out of its log. Used by one
 * thread.
 */
final class Fence implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(30);

    private final LocalLog log;
    private final SourceProbe probe;
    private final BooleanSupplier stopping;

    /**
     * @param stopping whether nobody waits any more, for the other direction may have ended already
     */
    Fence(LocalLog log, SourceProbe probe, BooleanSupplier stopping) {
        this.log = log;
        this.probe = probe;
        this.stopping = stopping;
    }

    /** A position that covers every commit that anybody can see by now, and that will be read. */
    SourcePosition horizon() {
        return probe.horizon();
    }

    /**
     * Waits for as long as the reading gets on.
     *
     * @return which reading of the log has told
     */
    long await() {
        return await(horizon(), stopping);
    }

    /**
     * As {@link #await()}, while others may wait for rows.
     *
     * @throws RacedException if it takes longer than this, to give the rows back
     */
    long await(Duration most) {
        long since = System.nanoTime();
        SourcePosition end = horizon();
        try {
            return await(
                    end,
                    () -> stopping.getAsBoolean() || System.nanoTime() - since > most.toNanos());
        } catch (CancellationException e) {
            if (stopping.getAsBoolean()) {
                throw e;
            }
            throw new RacedException(
                    "The log of %s is not read fast enough to keep rows from its users meanwhile."
                            .formatted(log.site()),
                    e);
        }
    }

    private long await(SourcePosition end, BooleanSupplier givingUp) {
        try {
            return log.awaitRead(end, PATIENCE, givingUp);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ConnectorException(ErrorClass.RETRY, "Told to end while waiting.", e);
        }
    }

    @Override
    public void close() {
        probe.close();
    }
}
