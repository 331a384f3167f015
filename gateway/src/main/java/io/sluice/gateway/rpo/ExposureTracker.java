package io.sluice.gateway.rpo;

import io.sluice.gateway.rpo.Exposure.Basis;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Follows a pipeline's transactions from their commit at the source until they are durable on the
 * target, and says at any moment what is exposed. Thread-safe.
 *
 * <p>All instants are in the source's clock.
 */
public final class ExposureTracker {

    private final Duration proofInterval;
    private final LongSupplier nanoTime;

    // All guarded by this.
    private final ArrayDeque<Instant> underWay = new ArrayDeque<>();
    private @Nullable Instant proof;
    private long provedAtNanos;
    private @Nullable Instant interrupted;

    /**
     * @param proofInterval how old the last proof may be for an idle pipeline to count as idle: the
     *     heartbeat's interval and the time that one takes on its way
     * @param nanoTime the gateway's monotonic clock, in nanoseconds
     */
    public ExposureTracker(Duration proofInterval, LongSupplier nanoTime) {
        this.proofInterval = proofInterval;
        this.nanoTime = nanoTime;
    }

    /** A transaction, committed at {@code commitTime}, has begun to arrive. */
    public synchronized void received(Instant commitTime) {
        underWay.add(commitTime);
    }

    /**
     * The oldest {@code transactions} received are durable; the last was committed at {@code
     * commitTime}, so everything that the source committed before is on the target.
     */
    public synchronized void durable(int transactions, Instant commitTime) {
        for (int i = 0; i < transactions; i++) {
            underWay.poll();
        }
        if (interrupted != null && !commitTime.isBefore(interrupted)) {
            interrupted = null;
        }
        proved(commitTime);
    }

    /**
     * What a checkpoint says: everything up to {@code commitTime} is on the target. The log's order
     * is the truth, also where the source's clock was set back in between.
     */
    public synchronized void proved(Instant commitTime) {
        proof = commitTime;
        provedAtNanos = nanoTime.getAsLong();
    }

    /** The source is being read anew: what was under way will arrive again. */
    public synchronized void restarted() {
        if (interrupted == null) {
            interrupted = underWay.peek();
        }
        underWay.clear();
    }

    /** The target is being filled anew: what was proved is void. */
    public synchronized void forget() {
        underWay.clear();
        proof = null;
        interrupted = null;
    }

    /** What is exposed at {@code now}. */
    public synchronized Exposure at(Instant now) {
        Instant oldest = interrupted != null ? interrupted : underWay.peek();
        if (proof == null) {
            return new Exposure(Basis.UNKNOWN, null, underWay.size());
        }
        if (oldest != null) {
            return new Exposure(Basis.MEASURED, age(oldest, now), underWay.size());
        }
        // A source's clock that was set back must not make an old proof look fresh.
        Duration sinceHeard = Duration.ofNanos(nanoTime.getAsLong() - provedAtNanos);
        Duration sinceProof = age(proof, now);
        if (sinceHeard.compareTo(sinceProof) > 0) {
            sinceProof = sinceHeard;
        }
        return sinceProof.compareTo(proofInterval) <= 0
                ? new Exposure(Basis.IDLE, Duration.ZERO, 0)
                : new Exposure(Basis.BLIND, sinceProof, 0);
    }

    private static Duration age(Instant from, Instant now) {
        return now.isAfter(from) ? Duration.between(from, now) : Duration.ZERO;
    }
}
