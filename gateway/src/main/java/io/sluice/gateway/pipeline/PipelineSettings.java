package io.sluice.gateway.pipeline;

import io.sluice.connectors.spi.Holder;
import io.sluice.gateway.apply.ApplyLimits;
import io.sluice.gateway.route.Routing;
import io.sluice.gateway.snapshot.CopySettings;
import java.time.Duration;

/**
 * What a pipeline is to do. Immutable.
 *
 * @param name {@code replication:source->target}
 * @param holder which run of which gateway this is
 * @param work what its mode makes of it
 * @param initialCopy whether the tables are copied first; else the pipeline begins at now
 * @param createTables whether missing tables are created on the target
 * @param parksRows whether a row that the target refuses is put aside; else the pipeline stops
 * @param maxParked how many rows may be parked before the pipeline stops all the same
 */
public record PipelineSettings(
        String name,
        String replication,
        String mode,
        String source,
        String target,
        Holder holder,
        Routing routing,
        Work work,
        boolean initialCopy,
        boolean createTables,
        CopySettings copy,
        ApplyLimits apply,
        Duration statementTimeout,
        boolean parksRows,
        int maxParked,
        BufferLimits buffer,
        Duration objective,
        Duration heartbeat,
        Duration stallTimeout,
        Retry retry) {

    /** Bounds of what is read and not yet applied. */
    public record BufferLimits(long maxRows, long maxBytes) {}

    /** Pauses between attempts: the first, and the longest. */
    public record Retry(Duration initialDelay, Duration maxDelay) {

        /** The pause before attempt {@code n}, counted from 1; doubles each time. */
        public Duration delay(int n) {
            Duration delay = initialDelay.multipliedBy(1L << Math.min(n - 1, 20));
            return delay.compareTo(maxDelay) > 0 ? maxDelay : delay;
        }
    }
}
