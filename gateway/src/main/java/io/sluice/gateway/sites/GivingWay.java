package io.sluice.gateway.sites;

import io.sluice.change.SourcePosition;
import java.time.Duration;

/**
 * While a direction applies nothing, and only hears its log, for the other one to come to the end
 * of its own. Used by one thread.
 */
public final class GivingWay implements AutoCloseable {

    private final LocalLog other;
    private final SourcePosition end;
    private final Duration patience;
    private long heard;
    private long since = System.nanoTime();

    /**
     * @param other the log that the other direction reads
     * @param end of that log by now
     * @param patience with a reading that does not get on
     */
    GivingWay(LocalLog other, SourcePosition end, Duration patience) {
        this.other = other;
        this.end = end;
        this.patience = patience;
        heard = other.hold().pieces();
        other.need(true);
    }

    /** Whether the other one has come to that end, or does not get on. */
    public boolean isOver() {
        long now = System.nanoTime();
        long last = heard;
        heard = other.hold().pieces();
        if (heard != last) {
            since = now;
        }
        return other.hasRead(end) || now - since > patience.toNanos();
    }

    @Override
    public void close() {
        other.need(false);
    }
}
