package io.sluice.gateway.pipeline;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a pipeline is to do, as its operator last said. Thread-safe.
 *
 * <p>Every order but {@link Order#RUN} ends the attempt that is under way, for good: its workers
 * leave one by one, and an order that is taken back meanwhile must not make the last of them
 * believe that the work is done. A stop is the last order.
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

    /** The attempt that is under way was told to end. */
    private boolean ending;

    void request() {
        give(Order.STOP);
    }

    /** Whether the attempt is to end, for whatever reason. */
    boolean isRequested() {
        lock.lock();
        try {
            return ending;
        } finally {
            lock.unlock();
        }
    }

    /** Waits; returns early, with true, when the attempt is to end. */
    boolean await(Duration atMost) {
        lock.lock();
        try {
            long left = atMost.toNanos();
            while (!ending && left > 0) {
                left = changed.awaitNanos(left);
            }
            return ending;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Gives an order in place of the last one; returns false if that was to stop. */
    boolean give(Order next) {
        lock.lock();
        try {
            return order != Order.STOP && replace(order, next);
        } finally {
            lock.unlock();
        }
    }

    /** Gives an order in place of this one; returns false if another one stands. */
    boolean replace(Order expected, Order next) {
        lock.lock();
        try {
            if (order != expected) {
                return false;
            }
            order = next;
            ending |= next != Order.RUN;
            changed.signalAll();
            return true;
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

    /** Nothing is under way any more; what comes next ends if there is an order that ends it. */
    void attemptEnded() {
        lock.lock();
        try {
            ending = order != Order.RUN;
        } finally {
            lock.unlock();
        }
    }
}
