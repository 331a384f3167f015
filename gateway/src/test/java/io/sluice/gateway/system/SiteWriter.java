package io.sluice.gateway.system;

import io.sluice.testkit.ServerException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A site's own user: small transactions on few rows, so that many meet. Comes back as soon as its
 * database does.
 */
final class SiteWriter implements AutoCloseable {

    private final SplittableRandom random;
    private final Duration pace;
    private final Supplier<Connection> site;
    private final Function<SplittableRandom, String> change;
    private final List<String> always;
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
        this(random, pace, site, change, List.of());
    }

    /**
     * @param always what else each transaction does, before it commits
     */
    SiteWriter(
            SplittableRandom random,
            Duration pace,
            Supplier<Connection> site,
            Function<SplittableRandom, String> change,
            List<String> always) {
        this.random = random;
        this.pace = pace;
        this.site = site;
        this.change = change;
        this.always = always;
    }

    void start() {
        thread.start();
    }

    long committed() {
        return committed.get();
    }

    private void write() {
        while (!stopped) {
            try (Connection connection = site.get();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                while (!stopped) {
                    LockSupport.parkNanos(pace.toNanos());
                    transact(connection, statement);
                }
            } catch (SQLException | ServerException e) {
                LockSupport.parkNanos(pace.toNanos()); // the database is down
            }
        }
    }

    private void transact(Connection connection, Statement statement) throws SQLException {
        try {
            for (int i = random.nextInt(3); i >= 0; i--) {
                statement.execute(change.apply(random));
            }
            for (String sql : always) {
                statement.execute(sql);
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
