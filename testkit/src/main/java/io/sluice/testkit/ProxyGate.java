package io.sluice.testkit;

import io.sluice.testkit.FaultProxy.Direction;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Decides when bytes may pass. All links of a proxy share one gate, and so its rate; all its state
 * is guarded by the monitor, whose waiters wake at each change.
 */
final class ProxyGate {
    private static final long UNLIMITED = Long.MAX_VALUE;
    private static final int SLICES_PER_SECOND = 50;
    private static final long CREDIT_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Map<Direction, Lane> lanes = new EnumMap<>(Direction.class);
    private long bytesPerSecond = UNLIMITED;

    ProxyGate() {
        for (Direction direction : Direction.values()) {
            lanes.put(direction, new Lane());
        }
    }

    synchronized void stall(Direction direction, boolean stalled) {
        lane(direction).stalled = stalled;
        notifyAll();
    }

    synchronized void delay(Direction direction, Duration delay) {
        lane(direction).delayNanos = delay.toNanos();
        notifyAll();
    }

    synchronized void limit(long limit) {
        bytesPerSecond = limit;
        lanes.values().forEach(lane -> lane.freeAtNanos = System.nanoTime());
        notifyAll();
    }

    synchronized void open() {
        bytesPerSecond = UNLIMITED;
        for (Lane lane : lanes.values()) {
            lane.stalled = false;
            lane.delayNanos = 0;
        }
        notifyAll();
    }

    /** Makes waiters look whether their link still lives. */
    synchronized void wake() {
        notifyAll();
    }

    /**
     * Waits until some of the bytes that arrived at a time may pass, and says how many: all of
     * them, or a slice where the rate is limited. None when the link ended meanwhile.
     */
    synchronized int pass(Direction direction, long arrivedNanos, int bytes, BooleanSupplier ended)
            throws InterruptedException {
        Lane lane = lane(direction);
        while (!ended.getAsBoolean()) {
            long now = System.nanoTime();
            long wait = lane.delayNanos - (now - arrivedNanos);
            if (bytesPerSecond != UNLIMITED) {
                wait = Math.max(wait, lane.freeAtNanos - now);
            }
            if (lane.stalled) {
                wait();
            } else if (wait > 0) {
                TimeUnit.NANOSECONDS.timedWait(this, wait);
            } else {
                return bytesPerSecond == UNLIMITED ? bytes : slice(lane, now, bytes);
            }
        }
        return 0;
    }

    private int slice(Lane lane, long now, int bytes) {
        int slice = (int) Math.min(bytes, Math.max(1, bytesPerSecond / SLICES_PER_SECOND));
        long from = Math.max(lane.freeAtNanos, now - CREDIT_NANOS); // makes up for late wake-ups
        lane.freeAtNanos = from + slice * TimeUnit.SECONDS.toNanos(1) / bytesPerSecond;
        return slice;
    }

    private Lane lane(Direction direction) {
        Lane lane = lanes.get(direction);
        if (lane == null) {
            throw new IllegalStateException("no lane " + direction);
        }
        return lane;
    }

    /** What holds in one direction. */
    private static final class Lane {
        private boolean stalled;
        private long delayNanos;
        private long freeAtNanos;
    }
}
