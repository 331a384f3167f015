package io.sluice.change;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;

/**
 * A moment that never goes back: a commit time in microseconds since 1970, and a counter for what
 * the clock cannot tell apart.
 *
 * <p>A site's commits are stamped in the order of its log, each later than the one before and later
 * than every change of another site that the log shows as applied by then ({@link #next}). So
 * whoever overwrites a value has the later stamp, however wrong the clocks are.
 */
public record HybridTimestamp(long micros, int counter) implements Comparable<HybridTimestamp> {

    /** Before everything. */
    public static final HybridTimestamp ZERO = new HybridTimestamp(0, 0);

    private static final Comparator<HybridTimestamp> ORDER =
            Comparator.comparingLong(HybridTimestamp::micros)
                    .thenComparingInt(HybridTimestamp::counter);

    public HybridTimestamp {
        if (micros < 0 || counter < 0) {
            throw new IllegalArgumentException("a time before 1970");
        }
    }

    /** The stamp of a commit whose site has stamped or applied {@code this} before. */
    public HybridTimestamp next(Instant commitTime) {
        long clock = Math.max(0, ChronoUnit.MICROS.between(Instant.EPOCH, commitTime));
        if (clock > micros) {
            return new HybridTimestamp(clock, 0);
        }
        return counter == Integer.MAX_VALUE
                ? new HybridTimestamp(Math.addExact(micros, 1), 0)
                : new HybridTimestamp(micros, counter + 1);
    }

    public HybridTimestamp max(HybridTimestamp other) {
        return compareTo(other) >= 0 ? this : other;
    }

    /**
     * As people read it: {@code 2026-01-02T03:04:05.678Z}, with {@code +counter} where there is
     * one.
     */
    public String readable() {
        Instant moment = Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
        return counter == 0 ? moment.toString() : moment + "+" + counter;
    }

    /** Reads {@code micros} or {@code micros.counter}. */
    public static HybridTimestamp parse(String text) {
        int dot = text.indexOf('.');
        return dot < 0
                ? new HybridTimestamp(Long.parseLong(text), 0)
                : new HybridTimestamp(
                        Long.parseLong(text.substring(0, dot)),
                        Integer.parseInt(text.substring(dot + 1)));
    }

    @Override
    public int compareTo(HybridTimestamp other) {
        return ORDER.compare(this, other);
    }

    /** What {@link #parse} reads. */
    @Override
    public String toString() {
        return counter == 0 ? Long.toString(micros) : micros + "." + counter;
    }
}
