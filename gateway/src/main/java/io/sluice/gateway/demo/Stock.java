package io.sluice.gateway.demo;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What lies in the warehouses, written in two regions at once: both book on the same few products,
 * so that many of their changes meet.
 */
public final class Stock {

    public static final String TABLE = "stock.levels";

    private static final int PRODUCTS = 40;
    private static final int PAUSE_MILLIS = 50;

    private final List<Region> sites;
    private final LongAdder transactions = new LongAdder();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final List<Thread> writers = new ArrayList<>();
    private volatile @Nullable SQLException failure;

    /**
     * @param sites PostgreSQL regions, the one that the others are filled from first
     */
    public Stock(List<Region> sites) {
        this.sites = List.copyOf(sites);
    }

    /** Makes the table everywhere, and what is in stock at the first site. */
    public void open() throws SQLException {
        for (Region site : sites) {
            execute(
                    site,
                    """
                    CREATE SCHEMA stock;
                    CREATE TABLE stock.levels (
                        product int PRIMARY KEY,
                        quantity int NOT NULL,
                        booked_by text NOT NULL);
                    ALTER TABLE stock.levels REPLICA IDENTITY FULL
                    """);
        }
        execute(
                sites.getFirst(),
                "INSERT INTO stock.levels SELECT i, 1000, 'opening' FROM generate_series(1, %d) i"
                        .formatted(PRODUCTS));
    }

    /** Begins to book everywhere, in the background; the sites have to follow each other by now. */
    public void book() {
        for (Region site : sites) {
            Random random = new Random(site.key().hashCode());
            writers.add(
                    Thread.ofVirtual()
                            .name("stock " + site.key())
                            .start(() -> bookUntilStopped(site, random)));
        }
    }

    public boolean isBooking() {
        return !writers.isEmpty();
    }

    /** Ends booking and waits for it. */
    public void stopBooking() throws InterruptedException {
        stopped.countDown();
        for (Thread writer : writers) {
            writer.join();
        }
    }

    /** Of all sites together. */
    public long transactions() {
        return transactions.sum();
    }

    /** What ended the booking before its time; null if nothing did. */
    public @Nullable SQLException failure() {
        return failure;
    }

    /** How many conflicts the sites have on record. */
    public long conflicts() throws SQLException {
        long conflicts = 0;
        for (Region site : sites) {
            try (Connection connection = site.connect()) {
                conflicts += site.count(connection, "sluice.conflict");
            }
        }
        return conflicts;
    }

    private void bookUntilStopped(Region site, Random random) {
        try (Connection connection = site.connect();
                PreparedStatement update =
                        connection.prepareStatement(
                                "UPDATE stock.levels SET quantity = quantity + ?, booked_by = ?"
                                        + " WHERE product = ?")) {
            while (!stopped.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
                update.setInt(1, random.nextInt(9) - 4);
                update.setString(2, site.name());
                update.setInt(3, 1 + random.nextInt(PRODUCTS));
                update.executeUpdate();
                transactions.increment();
            }
        } catch (SQLException e) {
            failure = e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void execute(Region site, String sql) throws SQLException {
        try (Connection connection = site.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
