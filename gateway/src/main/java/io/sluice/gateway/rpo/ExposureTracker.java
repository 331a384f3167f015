package io.sluice.gateway.rpo;

import io.sluice.change.TransactionPiece;
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

    /**
     * How long a heartbeat may be on its way, beyond its interval, before its absence means blind:
     * short, as an RPO that was too high for a moment misleads nobody.
     */
    static final Duration GRACE = Duration.ofMillis(750);

    private final Duration interval;
    private final LongSupplier nanoTime;

    // All guarded by this.
    private final ArrayDeque<UnderWay> underWay = new ArrayDeque<>();
    private long rows;
    private long bytes;
    private @Nullable Instant proof;
    private long provedAtNanos;
    private @Nullable Instant interrupted;

    /** A transaction that has begun to arrive. */
    private static final class UnderWay {
        private final Instant commitTime;
        private long rows;
        private long bytes;
        private boolean whole;

        UnderWay(Instant commitTime) {
            this.commitTime = commitTime;
        }
    }

    /**
     * @param interval the heartbeat's: what was committed since the last one is not known of, so
     *     that the RPO of an idle pipeline may be too low by so much and no more
     * @param nanoTime the gateway's monotonic clock, in nanoseconds
     */
    public ExposureTracker(Duration interval, LongSupplier nanoTime) {
        this.interval = interval;
        this.nanoTime = nanoTime;
    }

    /** A piece of a transaction has arrived. */
    public synchronized void received(TransactionPiece piece) {
        if (piece.first()) {
            UnderWay last = underWay.peekLast();
            if (last != null && !last.whole) {
                taken(underWay.pollLast()); // void: the source sends it again from its beginning
            }
            underWay.add(new UnderWay(piece.commitTime()));
        }
        UnderWay current = underWay.peekLast();
        if (current != null) {
            current.rows += piece.changes().size();
            rows += piece.changes().size();
            long size = piece.sizeInBytes();
            current.bytes += size;
            bytes += size;
            current.whole = piece.end().isPresent();
        }
    }

    /**
     * The oldest {@code transactions} received are durable; the last was committed at {@code
     * commitTime}, so everything that the source committed before is on the target.
     */
    public synchronized void durable(int transactions, Instant commitTime) {
        for (int i = 0; i < transactions; i++) {
            taken(underWay.poll());
        }
        if (interrupted != null && !commitTime.isBefore(interrupted)) {
            interrupted = null;
        }
        proved(commitTime);
    }

    private void taken(@Nullable UnderWay transaction) {
        if (transaction != null) {
            rows -= transaction.rows;
            bytes -= transaction.bytes;
        }
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
            UnderWay oldest = underWay.peek();
            interrupted = oldest == null ? null : oldest.commitTime;
        }
        clear();
    }

    /** The target is being filled anew: what was proved is void. */
    public synchronized void forget() {
        clear();
        proof = null;
        interrupted = null;
    }

    private void clear() {
        underWay.clear();
        rows = 0;
        bytes = 0;
    }

    /** What is exposed at {@code now}. */
    public synchronized Exposure at(Instant now) {
        Behind behind = new Behind(underWay.size(), rows, bytes);
        UnderWay first = underWay.peek();
        Instant oldest =
                interrupted != null ? interrupted : first == null ? null : first.commitTime;
        if (proof == null) {
            return new Exposure(Basis.UNKNOWN, null, behind);
        }
        if (oldest != null) {
            return new Exposure(Basis.MEASURED, age(oldest, now), behind);
        }
        // A source's clock that was set back must not make an old proof look fresh.
        Duration sinceHeard = Duration.ofNanos(nanoTime.getAsLong() - provedAtNanos);
        Duration sinceProof = age(proof, now);
        if (sinceHeard.compareTo(sinceProof) > 0) {
            sinceProof = sinceHeard;
        }
        Duration overdue = sinceProof.minus(interval);
        if (overdue.compareTo(GRACE) > 0) {
            return new Exposure(Basis.BLIND, sinceProof, behind);
        }
        return new Exposure(Basis.IDLE, overdue.isNegative() ? Duration.ZERO : overdue, behind);
    }

    private static Duration age(Instant from, Instant now) {
        return now.isAfter(from) ? Duration.between(from, now) : Duration.ZERO;
    }
}
