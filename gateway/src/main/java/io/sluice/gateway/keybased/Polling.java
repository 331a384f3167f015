package io.sluice.gateway.keybased;

import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.TableReader;
import io.sluice.connectors.spi.TableReader.Sounding;
import io.sluice.connectors.spi.TargetSession;
import io.sluice.gateway.apply.ApplyLimits;
import java.time.Instant;
import java.time.InstantSource;

/**
 * What the polls of one attempt share.
 *
 * @param source reads the source
 * @param target reads what the session has committed
 * @param claim what is committed with each page: the epoch is what counts in it
 */
record Polling(
        PollSettings settings,
        ApplyLimits limits,
        TableReader source,
        TableReader target,
        TargetSession session,
        Checkpoint claim,
        InstantSource clock,
        PollEvents events) {

    /** A monotonic clock. */
    long nanos() {
        return System.nanoTime();
    }

    int pageRows() {
        return (int) Math.min(limits.maxRows(), Integer.MAX_VALUE);
    }

    Sounding sound(KeyedTable table) {
        Instant asked = clock.instant();
        Sounding sounding = source.sound(table.source(), table.order());
        events.clock(asked, clock.instant(), sounding.clock());
        return sounding;
    }

    void commit() {
        session.commit(claim);
    }
}
