package io.sluice.gateway.snapshot;

import io.sluice.connectors.spi.Build;
import io.sluice.connectors.spi.Build.State;
import io.sluice.connectors.spi.BuildSession;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.TargetDatabase;
import io.sluice.gateway.failpoint.Failpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Makes indexes, unique constraints and foreign keys, several at once, each over a connection of
 * its own. What the target refuses is said and left; the others are made. What may pass is tried
 * once more at the end. Used by one thread, which has workers of its own, for one list.
 */
public final class SecondaryBuilds {

    private static final Logger LOG = LoggerFactory.getLogger(SecondaryBuilds.class);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

    /** Told how each one went; where that cannot be kept it throws, and all ends. */
    @FunctionalInterface
    public interface Outcome {

        void note(Build build, State state, @Nullable String failure);
    }

    private final TargetDatabase target;
    private final String pipeline;
    private final BuildMonitor monitor;
    private final Outcome outcome;
    private final BooleanSupplier stopping;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Set<BuildSession> sessions = ConcurrentHashMap.newKeySet();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private BuildQueue queue = new BuildQueue(List.of());

    /**
     * @param pipeline whose next claim ends what is left of these sessions
     */
    public SecondaryBuilds(
            TargetDatabase target,
            String pipeline,
            BuildMonitor monitor,
            Outcome outcome,
            BooleanSupplier stopping) {
        this.target = target;
        this.pipeline = pipeline;
        this.monitor = monitor;
        this.outcome = outcome;
        this.stopping = stopping;
    }

    /**
     * Returns when each was made or refused.
     *
     * @param meanwhile called again and again; what it throws ends all
     * @throws CancellationException if it was told to stop
     * @throws ConnectorException if the target cannot be reached
     */
    public void run(List<Build> builds, int workers, Runnable meanwhile) {
        queue = new BuildQueue(builds);
        List<Thread> threads = new ArrayList<>();
        for (int n = 0; n < Math.min(workers, builds.size()); n++) {
            threads.add(
                    Thread.ofVirtual()
                            .name("build %s #%d".formatted(pipeline, n))
                            .start(this::work));
        }
        try {
            for (Thread thread : threads) {
                while (!thread.join(LOOK_AGAIN)) {
                    look(meanwhile);
                }
            }
        } catch (InterruptedException e) {
            failure.compareAndSet(null, e);
            sessions.forEach(BuildSession::close);
            Thread.currentThread().interrupt();
            throw new CancellationException("building was told to stop");
        }
        rethrow();
        if (!queue.isDone()) {
            throw new CancellationException(
                    "building was told to stop"); // and does not know it now
        }
    }

    private void look(Runnable meanwhile) {
        if (isEnded()) {
            sessions.forEach(BuildSession::close);
            return;
        }
        try {
            meanwhile.run();
        } catch (RuntimeException e) {
            failure.compareAndSet(null, e);
        }
    }

    private boolean isEnded() {
        return stopping.getAsBoolean() || failure.get() != null;
    }

    private void rethrow() {
        if (stopping.getAsBoolean()) {
            throw new CancellationException("building was told to stop");
        }
        switch (failure.get()) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case Throwable e -> throw new IllegalStateException(e);
        }
    }

    private void work() {
        MDC.put("pipeline", pipeline);
        BuildSession session = null;
        try {
            for (Build build = next(); build != null; build = next()) {
                if (session == null) {
                    session = target.buildSession(pipeline);
                    sessions.add(session);
                }
                if (!build(session, build)) {
                    close(session);
                    session = null;
                }
            }
        } catch (Throwable e) {
            failure.compareAndSet(null, e);
        } finally {
            close(session);
            signal();
        }
    }

    private void close(@Nullable BuildSession session) {
        if (session != null) {
            sessions.remove(session);
            session.close();
        }
    }

    /** Waits for one that can be begun; null when there are no more. */
    private @Nullable Build next() throws InterruptedException {
        lock.lock();
        try {
            while (!isEnded() && !queue.isDone()) {
                Build build = queue.take();
                if (build != null) {
                    return build;
                }
                changed.await(LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS);
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    private void signal() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Returns whether the session can go on. */
    private boolean build(BuildSession session, Build build) {
        LOG.info("building {}", build.text());
        monitor.begun(build);
        boolean passes = false;
        try {
            session.build(build);
            Failpoint.INDEX_BUILT.reached();
            ended(build, State.DONE, null);
        } catch (ConnectorException e) {
            if (isEnded()) {
                brokenOff(build);
                return false;
            }
            passes = e.errorClass() == ErrorClass.RETRY;
            if (!passes || !isPutBack(build)) {
                refused(build, String.valueOf(e.getMessage()));
            }
        }
        return !passes;
    }

    /** Nothing is begun any more, so that what is left is never taken for done. */
    private void brokenOff(Build build) {
        failure.compareAndSet(null, new CancellationException("building was told to stop"));
        monitor.broken(build);
        lock.lock();
        try {
            queue.ended(build);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private boolean isPutBack(Build build) {
        lock.lock();
        try {
            boolean again = queue.again(build);
            if (again) {
                monitor.broken(build);
            }
            return again;
        } finally {
            lock.unlock();
        }
    }

    private void refused(Build build, String reason) {
        LOG.warn(
                "{}. The replication goes on without it. The next start tries again; or run: {};",
                reason,
                build.statement());
        ended(build, State.FAILED, reason);
    }

    private void ended(Build build, State state, @Nullable String reason) {
        outcome.note(build, state, reason);
        monitor.ended(build, state, reason);
        lock.lock();
        try {
            queue.ended(build);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
