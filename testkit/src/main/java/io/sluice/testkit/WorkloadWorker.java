package io.sluice.testkit;

import io.sluice.testkit.load.LoadEngine;
import io.sluice.testkit.load.LoadTransaction;
import io.sluice.testkit.load.RandomValues;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One connection's part of a workload, on a thread of its own. */
final class WorkloadWorker implements Callable<@Nullable Void> {
    private static final long RECONNECT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final LoadEngine engine;
    private final RandomValues values;
    private final Supplier<Connection> connections;
    private final Pace pace;
    private final WorkloadCounters counters;
    private final long transactions;
    private volatile boolean stopped;
    private volatile @Nullable Connection connection;
    private long lostSinceNanos;

    WorkloadWorker(
            LoadEngine engine,
            RandomValues values,
            Supplier<Connection> connections,
            Pace pace,
            WorkloadCounters counters,
            long transactions) {
        this.engine = engine;
        this.values = values;
        this.connections = connections;
        this.pace = pace;
        this.counters = counters;
        this.transactions = transactions;
    }

    /** Makes it end after the transaction that it is in. */
    void stop() {
        stopped = true;
    }

    /** Makes it end at once, in the middle of a transaction. */
    void abort() {
        stopped = true;
        Connection open = connection;
        if (open != null) {
            try {
                open.abort(Runnable::run);
            } catch (SQLException e) {
                // It is on its way out by itself.
            }
        }
    }

    @Override
    public @Nullable Void call() throws SQLException {
        try {
            for (long done = 0; done < transactions && !stopped; ) {
                pace.await(() -> stopped);
                if (!stopped && runOne()) {
                    done++;
                }
            }
            return null;
        } finally {
            disconnect();
        }
    }

    /** Returns false where there was no database to run on. */
    private boolean runOne() throws SQLException {
        try {
            Connection open = connected();
            try {
                counters.add(LoadTransaction.run(open, values, engine));
            } catch (SQLException e) {
                counters.addFailure();
                if (!engine.isCollision(e)) {
                    throw e;
                }
                open.rollback();
            }
            lostSinceNanos = 0;
            return true;
        } catch (SQLException e) {
            boolean lost = engine.isLost(e) || isClosed();
            disconnect();
            if (!lost && !stopped) {
                throw e;
            }
            awaitDatabase(e);
            return false;
        }
    }

    private Connection connected() throws SQLException {
        Connection open = connection;
        if (open == null) {
            try {
                open = connections.get();
            } catch (ServerException e) {
                if (e.getCause() instanceof SQLException cause) {
                    throw cause;
                }
                throw e;
            }
            connection = open;
            try (var statement = open.createStatement()) {
                for (String setting : engine.settings()) {
                    statement.execute(setting);
                }
            }
        }
        return open;
    }

    /** A driver that tidies up after a lost connection may fail at that, and tell only this. */
    private boolean isClosed() throws SQLException {
        Connection open = connection;
        return open != null && open.isClosed();
    }

    private void disconnect() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            try {
                open.close();
            } catch (SQLException e) {
                // It was broken, which is why it is given up.
            }
        }
    }

    private void awaitDatabase(SQLException failure) throws SQLException {
        long now = System.nanoTime();
        if (lostSinceNanos == 0) {
            lostSinceNanos = now;
        } else if (now - lostSinceNanos > Workload.OUTAGE.toNanos()) {
            throw failure;
        }
        LockSupport.parkNanos(RECONNECT_NANOS);
    }
}
