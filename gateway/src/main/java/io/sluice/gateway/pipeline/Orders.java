package io.sluice.gateway.pipeline;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a pipeline is to do, as its operator last said. Thread-safe.
 *
 * <p>Every order but {@link Order#RUN} ends the attempt that is under way; a stop is the last
 * order.
 */
final class Orders {

    /** What an operator, or the gateway's end, may ask for. */
    enum Order {
        /** Go on, or stay ended where the work has ended. */
        RUN,
        /** Let what was read become durable and wait; the source keeps its log. */
        PAUSE,
        /** Begin again as at the gateway's start. */
        RESTART,
        /** End for good. */
        STOP
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private Order order = Order.RUN;

    void request() {
        give(Order.STOP);
    }

    /** Whether the attempt is to end, for whatever reason. */
    boolean isRequested() {
        return order() != Order.RUN;
    }

    /** Waits; returns early, with true, when the attempt is to end. */
    boolean await(Duration atMost) {
        lock.lock();
        try {
            long left = atMost.toNanos();
            while (order == Order.RUN && left > 0) {
                left = changed.awaitNanos(left);
            }
            return order != Order.RUN;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        } finally {
            lock.unlock();
        }
    }

    void give(Order next) {
        lock.lock();
        try {
            if (order != Order.STOP) {
                order = next;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    Order order() {
        lock.lock();
        try {
            return order;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until another order is given than this one. */
    Order awaitOtherThan(Order known) throws InterruptedException {
        lock.lock();
        try {
            while (order == known) {
                changed.await();
            }
            return order;
        } finally {
            lock.unlock();
        }
    }

    /** What is being carried out is no order any more, unless another one came after it. */
    void begin(Order carriedOut) {
        lock.lock();
        try {
            if (order == carriedOut) {
                order = Order.RUN;
            }
        } finally {
            lock.unlock();
        }
    }
}
