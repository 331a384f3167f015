package io.sluice.testkit;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for a condition that nobody announces, by asking every few milliseconds. */
final class Waiting {
    private static final long PAUSE_NANOS = Duration.ofMillis(10).toNanos();

    private Waiting() {}

    /** Returns whether the condition became true in time. */
    static boolean within(Duration limit, BooleanSupplier condition) {
        long end = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() >= end) {
                return false;
            }
            if (Thread.interrupted()) {
                Thread.currentThread().interrupt();
                throw new ServerException("interrupted while waiting for a server");
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        return true;
    }

    /** As {@link #within}, for what must happen; {@code what} completes "waited 5 s for …". */
    static void until(Duration limit, String what, BooleanSupplier condition) {
        if (!within(limit, condition)) {
            throw new ServerException("waited " + limit.toSeconds() + " s for " + what);
        }
    }
}
