package io.sluice.testkit;

import io.sluice.testkit.load.LoadTransaction;
import io.sluice.testkit.load.RandomValues;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One connection's part of a workload, on a thread of its own. */
final class WorkloadWorker implements Callable<@Nullable Void> {
    /**
     * Collisions of transactions: serialization, deadlock, lock time-out, unique and foreign key.
     */
    private static final Set<String> COLLISIONS =
            Set.of("40001", "40P01", "55P03", "23505", "23503");

    private static final long RECONNECT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final RandomValues values;
    private final Supplier<Connection> connections;
    private final Pace pace;
    private final WorkloadCounters counters;
    private final long transactions;
    private volatile boolean stopped;
    private volatile @Nullable Connection connection;
    private long lostSinceNanos;

    WorkloadWorker(
            RandomValues values,
            Supplier<Connection> connections,
            Pace pace,
            WorkloadCounters counters,
            long transactions) {
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
                counters.add(LoadTransaction.run(open, values));
            } catch (SQLException e) {
                counters.addFailure();
                if (!COLLISIONS.contains(state(e))) {
                    throw e;
                }
                open.rollback();
            }
            lostSinceNanos = 0;
            return true;
        } catch (SQLException e) {
            disconnect();
            if (!isLost(e) && !stopped) {
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
                statement.execute("SET lock_timeout = '5s'");
                statement.execute("SET client_connection_check_interval = '1s'");
            }
        }
        return open;
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

    /** The connection class, and what a server says that shuts down, crashed or is starting. */
    private static boolean isLost(SQLException failure) {
        String state = state(failure);
        return state.startsWith("08") || state.startsWith("57P");
    }

    private static String state(SQLException failure) {
        String state = failure.getSQLState();
        if (state == null && failure.getNextException() != null) {
            state = failure.getNextException().getSQLState();
        }
        return state == null ? "" : state;
    }
}
