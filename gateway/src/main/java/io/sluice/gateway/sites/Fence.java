package io.sluice.gateway.sites;

import io.sluice.change.SourcePosition;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.SourceProbe;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * Waits until all that has been committed at a site by now has come out of its log. Used by one
 * thread.
 */
final class Fence implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

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

    /**
     * @return which reading of the log has told of them
     */
    long await() {
        SourcePosition end = probe.horizon();
        try {
            return log.awaitRead(end, PATIENCE, stopping);
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
