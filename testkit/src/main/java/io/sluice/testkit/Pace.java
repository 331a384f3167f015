package io.sluice.testkit;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Spreads the acts of several threads evenly over time. A pause is not made up for afterwards. */
final class Pace {
    private static final long LONGEST_PARK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final long intervalNanos;
    private long nextNanos = System.nanoTime();

    private Pace(long intervalNanos) {
        this.intervalNanos = intervalNanos;
    }

    static Pace unlimited() {
        return new Pace(0);
    }

    static Pace of(double perSecond) {
        if (!(perSecond > 0)) {
            throw new IllegalArgumentException("the rate must be positive: " + perSecond);
        }
        return new Pace((long) (TimeUnit.SECONDS.toNanos(1) / perSecond));
    }

    /** Waits for the caller's turn, or until it is told to stop. */
    void await(BooleanSupplier stopped) {
        if (intervalNanos == 0) {
            return;
        }
        long turn = reserve();
        for (long left; (left = turn - System.nanoTime()) > 0 && !stopped.getAsBoolean(); ) {
            LockSupport.parkNanos(Math.min(left, LONGEST_PARK_NANOS));
        }
    }

    private synchronized long reserve() {
        long turn = Math.max(nextNanos, System.nanoTime());
        nextNanos = turn + intervalNanos;
        return turn;
    }
}
