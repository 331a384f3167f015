package io.sluice.gateway.system;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Small transactions without end, into a table without a key; its rows are many times the same. */
final class EventLoad implements AutoCloseable {

    private final AtomicBoolean stopped = new AtomicBoolean();
    private final AtomicInteger rows = new AtomicInteger();
    private final AtomicReference<SQLException> failure = new AtomicReference<>();
    private final Thread thread;

    private EventLoad(Pair pair, TwoSites sites) {
        String pause = pair.fromMySql ? "DO SLEEP(0.01)" : "SELECT pg_sleep(0.01)";
        thread = Thread.ofPlatform().start(() -> write(sites, pause));
    }

    /** Makes the table. */
    static void prepare(Pair pair, TwoSites sites) {
        sites.onSource("CREATE TABLE event (n int)");
        pair.logWholeRows(sites, "event");
    }

    static EventLoad start(Pair pair, TwoSites sites) {
        return new EventLoad(pair, sites);
    }

    private void write(TwoSites sites, String pause) {
        try (Connection source = sites.source();
                Statement statement = source.createStatement()) {
            for (int i = 0; !stopped.get(); i++) {
                statement.execute("INSERT INTO event VALUES (%1$d), (%1$d)".formatted(i % 100));
                rows.addAndGet(2);
                statement.execute(pause);
            }
        } catch (SQLException e) {
            failure.set(e);
        }
    }

    /** Waits until so many more rows are written. */
    void awaitMore(int more) {
        int wanted = rows.get() + more;
        TwoSites.await(Duration.ofSeconds(120), () -> rows.get() >= wanted);
    }

    /** Ends it, and says how many rows it has written. */
    int stop() throws InterruptedException, SQLException {
        stopped.set(true);
        thread.join();
        SQLException e = failure.get();
        if (e != null) {
            throw e;
        }
        return rows.get();
    }

    @Override
    public void close() throws InterruptedException, SQLException {
        stop();
    }
}
