package io.sluice.gateway.snapshot;

import io.sluice.connectors.spi.TargetSession;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds a copy's workers back: to a rate, to as many as the target takes with ease, and altogether
 * while something asks for it. A part that is begun is finished; between parts a worker waits.
 * Thread-safe.
 */
final class CopyThrottle {

    private static final Logger LOG = LoggerFactory.getLogger(CopyThrottle.class);
    private static final long LOOK_AGAIN_MILLIS = 100;

    private final @Nullable TokenBucket rate;
    private final BooleanSupplier ended;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final WorkerPace pace;
    private int running;
    private boolean paused;

    /**
     * @param ended whether nobody is to go on
     */
    CopyThrottle(int workers, long maxBytesPerSecond, BooleanSupplier ended) {
        this.ended = ended;
        pace = new WorkerPace(workers);
        rate = maxBytesPerSecond == 0 ? null : new TokenBucket(maxBytesPerSecond, System::nanoTime);
    }

    /**
     * Waits until a part may be begun; returns false if none is to be any more.
     *
     * @param none whether no part is left to begin
     */
    boolean enter(BooleanSupplier none) {
        lock.lock();
        try {
            while (!ended.getAsBoolean() && !none.getAsBoolean()) {
                if (!paused && running < pace.allowed()) {
                    running++;
                    return true;
                }
                changed.await(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
            }
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** A part that was begun is through, or has failed. */
    void leave() {
        lock.lock();
        try {
            running--;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void pause(boolean now) {
        lock.lock();
        try {
            paused = now;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The writer at the rate that is allowed, its time in the target measured. */
    TargetSession.CopyWriter held(TargetSession.CopyWriter writer) {
        return new HeldWriter(writer);
    }

    private void wrote(long bytes, long nanos) {
        lock.lock();
        try {
            int before = pace.allowed();
            pace.wrote(bytes, nanos);
            int now = pace.allowed();
            if (now != before) {
                LOG.info(
                        "{} workers copy now: the target takes its rows {}.",
                        now,
                        now < before ? "far more slowly than before" : "well");
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    private void pay(long bytes) {
        long left = rate == null ? 0 : rate.take(bytes);
        long until = System.nanoTime() + left;
        while (left > 0) {
            if (ended.getAsBoolean()) {
                throw new CancellationException("the copy ends");
            }
            LockSupport.parkNanos(Math.min(left, TimeUnit.MILLISECONDS.toNanos(LOOK_AGAIN_MILLIS)));
            left = until - System.nanoTime();
        }
    }

    private final class HeldWriter implements TargetSession.CopyWriter {

        private final TargetSession.CopyWriter writer;
        private long bytes;
        private long nanos;

        HeldWriter(TargetSession.CopyWriter writer) {
            this.writer = writer;
        }

        @Override
        public void write(byte[] message) {
            pay(message.length);
            long began = System.nanoTime();
            writer.write(message);
            nanos += System.nanoTime() - began;
            bytes += message.length;
        }

        @Override
        public long finish() {
            long began = System.nanoTime();
            long rows = writer.finish();
            wrote(bytes, nanos + System.nanoTime() - began);
            return rows;
        }

        @Override
        public void close() {
            writer.close();
        }
    }
}
