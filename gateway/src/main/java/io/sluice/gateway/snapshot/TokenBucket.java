package io.sluice.gateway.snapshot;

import java.util.function.LongSupplier;

/**
 * A rate that several threads keep together. Whoever takes more than there is runs into debt and
 * waits until it is paid, so that a message of any size comes through. Thread-safe.
 */
final class TokenBucket {

    /** What may be taken at once after a rest, as a part of a second's. */
    private static final int REST_PARTS = 10;

    private static final double SECOND = 1e9;

    private final long perSecond;
    private final LongSupplier nanos;
    private double available;
    private long looked;

    /**
     * @param nanos a clock that only goes forward
     */
    TokenBucket(long perSecond, LongSupplier nanos) {
        this.perSecond = perSecond;
        this.nanos = nanos;
        looked = nanos.getAsLong();
    }

    /** Takes so much; returns how long to wait, in nanoseconds, before it counts as paid. */
    synchronized long take(long amount) {
        long now = nanos.getAsLong();
        double earned = (now - looked) / SECOND * perSecond;
        looked = now;
        available = Math.min((double) perSecond / REST_PARTS, available + earned) - amount;
        return available >= 0 ? 0 : (long) Math.ceil(-available / perSecond * SECOND);
    }
}
