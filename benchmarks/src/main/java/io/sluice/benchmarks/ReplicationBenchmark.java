package io.sluice.benchmarks;

import io.sluice.testkit.Durability;
import io.sluice.testkit.PostgresServer;
import io.sluice.testkit.Servers;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/**
 * Copies, drains and latency of the whole gateway beside PostgreSQL's own logical replication, one
 * after the other on the same two servers with {@code fsync=on}.
 *
 * <p>Rates are from the first row that is visible on the target until the last one is, so a start
 * is not in them. Arguments: rows of the copy, rows of each drain, seconds of the latency run.
 */
public final class ReplicationBenchmark {

    private static final int ROWS_PER_TRANSACTION = 1000;

    private final int copyRows;
    private final int drainRows;
    private final int latencySeconds;

    private ReplicationBenchmark(int copyRows, int drainRows, int latencySeconds) {
        this.copyRows = copyRows;
        this.drainRows = drainRows;
        this.latencySeconds = latencySeconds;
    }

    public static void main(String[] args) throws Exception {
        new ReplicationBenchmark(
                        args.length > 0 ? Integer.parseInt(args[0]) : 2_000_000,
                        args.length > 1 ? Integer.parseInt(args[1]) : 500_000,
                        args.length > 2 ? Integer.parseInt(args[2]) : 20)
                .run();
        System.exit(0);
    }

    private void run() throws Exception {
        System.out.printf(
                "%-32s %10s %10s %10s %10s   %s%n",
                "rows a second", "copy", "inserts", "updates", "deletes", "latency p50/p95/p99");
        measure("sluice", SluiceContender::new);
        measure("peer", NativeContender::new);
    }

    private void measure(String database, Function<Sites, Contender> contenders) throws Exception {
        try (PostgresServer source = Servers.postgres(Durability.REAL);
                PostgresServer target = Servers.postgres(Durability.REAL)) {
            source.createDatabase(database);
            target.createDatabase(database);
            Sites sites = new Sites(source, target, database);
            Contender contender = contenders.apply(sites);
            long copy = copy(sites, contender);
            long inserts =
                    drain(
                            sites,
                            contender,
                            "INSERT INTO big SELECT i, i %% 1000, repeat('x', 64), now(), i / 100.0"
                                    + " FROM generate_series(%d, %d) i",
                            "EXISTS (SELECT FROM big WHERE id = %d)");
            long updates =
                    drain(
                            sites,
                            contender,
                            "UPDATE big SET a = a + 1, c = clock_timestamp(), b = repeat('y', 64)"
                                    + " WHERE id BETWEEN %d AND %d",
                            "(SELECT b FROM big WHERE id = %d) LIKE 'y%%'");
            long deletes =
                    drain(
                            sites,
                            contender,
                            "DELETE FROM big WHERE id BETWEEN %d AND %d",
                            "NOT EXISTS (SELECT FROM big WHERE id = %d)");
            String latency = latency(sites, contender);
            contender.stop();
            System.out.printf(
                    Locale.ROOT,
                    "%-32s %,10d %,10d %,10d %,10d   %s%n",
                    contender.name(),
                    copy,
                    inserts,
                    updates,
                    deletes,
                    latency);
        }
    }

    private long copy(Sites sites, Contender contender) throws Exception {
        sites.execute(
                sites.source(),
                Sites.BIG,
                "CREATE TABLE beat (id bigint PRIMARY KEY)",
                "INSERT INTO big SELECT -i, i % 1000, repeat('x', 64), now(), i / 100.0 FROM"
                        + " generate_series(1, %d) i".formatted(copyRows),
                "VACUUM ANALYZE big",
                "CHECKPOINT");
        contender.start();
        // The copy is visible only when it is whole: its beginning is seen in the target's
        // progress.
        sites.awaitOnTarget(
                "SELECT coalesce(sum(tuples_processed), 0) > 0 FROM pg_stat_progress_copy", 120);
        long began = System.nanoTime();
        sites.awaitOnTarget("SELECT EXISTS (SELECT FROM big)", 600);
        return rate(copyRows, began);
    }

    private long drain(Sites sites, Contender contender, String statement, String done)
            throws Exception {
        // What is under way is let through first, so that only the drain itself is measured.
        sites.execute(sites.source(), "INSERT INTO beat SELECT coalesce(max(id), 0) + 1 FROM beat");
        long beat = lastBeat(sites);
        sites.awaitOnTarget("SELECT EXISTS (SELECT FROM beat WHERE id = %d)".formatted(beat), 300);
        contender.stop();
        try (Connection connection = sites.source().connect(sites.database());
                Statement write = connection.createStatement()) {
            for (int from = 1; from <= drainRows; from += ROWS_PER_TRANSACTION) {
                write.execute(statement.formatted(from, from + ROWS_PER_TRANSACTION - 1));
            }
            write.execute("CHECKPOINT");
        }
        contender.start();
        sites.awaitOnTarget("SELECT " + done.formatted(1), 300);
        long began = System.nanoTime();
        sites.awaitOnTarget("SELECT " + done.formatted(drainRows), 600);
        return rate(drainRows, began);
    }

    private static long lastBeat(Sites sites) throws SQLException {
        try (Connection connection = sites.source().connect(sites.database());
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT max(id) FROM beat")) {
            result.next();
            return result.getLong(1);
        }
    }

    /** A row every 50 ms beside two hundred small transactions a second. */
    private String latency(Sites sites, Contender contender) throws Exception {
        int beats = latencySeconds * 20;
        double[] millis = new double[beats];
        Thread load = Thread.ofVirtual().start(() -> load(sites));
        long first = lastBeat(sites) + 1;
        try (Connection source = sites.source().connect(sites.database());
                Connection target = sites.target().connect(sites.database());
                PreparedStatement write = source.prepareStatement("INSERT INTO beat VALUES (?)");
                PreparedStatement look =
                        target.prepareStatement("SELECT EXISTS (SELECT FROM beat WHERE id = ?)")) {
            for (int i = 0; i < beats; i++) {
                long next = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(50);
                write.setLong(1, first + i);
                write.executeUpdate();
                long committed = System.nanoTime();
                look.setLong(1, first + i);
                while (!isTrue(look)) {
                    LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(200));
                }
                millis[i] = (System.nanoTime() - committed) / 1e6;
                LockSupport.parkNanos(next - System.nanoTime());
            }
        } finally {
            load.interrupt();
            load.join();
        }
        Arrays.sort(millis);
        return String.format(
                Locale.ROOT,
                "%.1f / %.1f / %.1f ms",
                millis[beats / 2],
                millis[beats * 95 / 100],
                millis[beats * 99 / 100]);
    }

    private static boolean isTrue(PreparedStatement statement) throws SQLException {
        try (ResultSet result = statement.executeQuery()) {
            return result.next() && result.getBoolean(1);
        }
    }

    private static void load(Sites sites) {
        try (Connection connection = sites.source().connect(sites.database());
                PreparedStatement update =
                        connection.prepareStatement("UPDATE big SET a = a + 1 WHERE id = ?")) {
            for (int i = 0; !Thread.currentThread().isInterrupted(); i++) {
                update.setLong(1, -1 - i % 1000);
                update.executeUpdate();
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            }
        } catch (SQLException e) {
            throw new IllegalStateException("the load failed", e);
        }
    }

    private static long rate(int rows, long beganNanos) {
        return Math.round(rows / ((System.nanoTime() - beganNanos) / 1e9));
    }
}
