package io.sluice.gateway.system;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;

/** A site's own user: small transactions on few rows, so that many meet. */
final class SiteWriter implements AutoCloseable {

    private final SplittableRandom random;
    private final Duration pace;
    private final Supplier<Connection> site;
    private final Function<SplittableRandom, String> change;
    private final AtomicLong committed = new AtomicLong();
    private final Thread thread = Thread.ofVirtual().unstarted(this::write);
    private volatile boolean stopped;

    /**
     * @param pace between transactions: the gateway is to keep up, beside all else that runs
     * @param change makes a statement
     */
    SiteWriter(
            SplittableRandom random,
            Duration pace,
            Supplier<Connection> site,
            Function<SplittableRandom, String> change) {
        this.random = random;
        this.pace = pace;
        this.site = site;
        this.change = change;
    }

    void start() {
        thread.start();
    }

    long committed() {
        return committed.get();
    }

    private void write() {
        try (Connection connection = site.get();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            while (!stopped) {
                LockSupport.parkNanos(pace.toNanos());
                transact(connection, statement);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void transact(Connection connection, Statement statement) throws SQLException {
        try {
            for (int i = random.nextInt(3); i >= 0; i--) {
                statement.execute(change.apply(random));
            }
            connection.commit();
            committed.incrementAndGet();
        } catch (SQLException e) {
            connection.rollback(); // a deadlock with the gateway, or a key that is taken
        }
    }

    /** Nobody writes any more. */
    @Override
    public void close() throws InterruptedException {
        stopped = true;
        if (thread.getState() != Thread.State.NEW) {
            thread.join();
        }
    }
}
