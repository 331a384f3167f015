package io.sluice.benchmarks;

import io.sluice.testkit.DatabaseServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Copies, drains and latency of the whole gateway, beside the engine's own replication where source
 * and target are of one, one after the other on two servers with {@code fsync} on.
 *
 * <p>Rates are from the first row that is visible on the target until the last one is, so a start
 * is not in them. Arguments: rows of the copy, rows of each drain, seconds of the latency run, and
 * the pairs, such as {@code mysql-postgres}; all of them without that. With {@code copy} before
 * them, {@link CopyBenchmark} is run instead, with {@code sites} {@link SitesBenchmark}, with
 * {@code storm} {@link StormBenchmark}.
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
        if (args.length > 0 && args[0].equals("copy")) {
            CopyBenchmark.run(Arrays.copyOfRange(args, 1, args.length));
            System.exit(0);
        }
        if (args.length > 0 && args[0].equals("sites")) {
            SitesBenchmark.run(Arrays.copyOfRange(args, 1, args.length));
            System.exit(0);
        }
        if (args.length > 0 && args[0].equals("storm")) {
            StormBenchmark.run(Arrays.copyOfRange(args, 1, args.length));
            System.exit(0);
        }
        ReplicationBenchmark benchmark =
                new ReplicationBenchmark(
                        args.length > 0 ? Integer.parseInt(args[0]) : 2_000_000,
                        args.length > 1 ? Integer.parseInt(args[1]) : 500_000,
                        args.length > 2 ? Integer.parseInt(args[2]) : 20);
        List<String> pairs = Arrays.asList(args).subList(Math.min(3, args.length), args.length);
        System.out.printf(
                "%-20s %-32s %10s %10s %10s %10s   %s%n",
                "rows a second",
                "",
                "copy",
                "inserts",
                "updates",
                "deletes",
                "latency p50/p95/p99");
        for (BenchmarkEngine from : BenchmarkEngine.values()) {
            for (BenchmarkEngine to : BenchmarkEngine.values()) {
                if (pairs.isEmpty() || pairs.contains(name(from, to))) {
                    benchmark.run(from, to);
                }
            }
        }
        System.exit(0);
    }

    private static String name(BenchmarkEngine from, BenchmarkEngine to) {
        return (from + "-" + to).toLowerCase(Locale.ROOT);
    }

    private void run(BenchmarkEngine from, BenchmarkEngine to) throws Exception {
        measure(from, to, SluiceContender::new);
        if (from == to) {
            measure(
                    from,
                    to,
                    from == BenchmarkEngine.MYSQL ? MySqlContender::new : PostgresContender::new);
        }
    }

    private void measure(
            BenchmarkEngine from, BenchmarkEngine to, Function<Sites, Contender> contenders)
            throws Exception {
        try (DatabaseServer source = from.start();
                DatabaseServer target = to.start()) {
            source.createDatabase("benchmark");
            target.createDatabase("benchmark");
            Sites sites = new Sites(source, target, "benchmark");
            Contender contender = contenders.apply(sites);
            String copy = copy(sites, contender);
            long inserts =
                    drain(
                            sites,
                            contender,
                            from::insert,
                            "EXISTS (SELECT 1 FROM big WHERE id = %d)");
            long updates =
                    drain(
                            sites,
                            contender,
                            from::update,
                            "(SELECT b FROM big WHERE id = %d) LIKE 'y%%'");
            long deletes =
                    drain(
                            sites,
                            contender,
                            from::delete,
                            "NOT EXISTS (SELECT 1 FROM big WHERE id = %d)");
            String latency = latency(sites, contender);
            contender.stop();
            System.out.printf(
                    Locale.ROOT,
                    "%-20s %-32s %10s %,10d %,10d %,10d   %s%n",
                    name(from, to),
                    contender.name(),
                    copy,
                    inserts,
                    updates,
                    deletes,
                    latency);
        }
    }

    private String copy(Sites sites, Contender contender) throws Exception {
        fill(sites, sites.source());
        if (!contender.copies()) {
            fill(sites, sites.target());
            contender.start();
            return "-";
        }
        contender.start();
        // Its first rows are not visible yet: its beginning is seen in what the target does.
        // MySQL tells of transactions anew only to who has not asked for a tenth of a second.
        while (!contender.hasCopied() && !sites.holdsOnTarget(sites.to().copying())) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(110));
        }
        long began = System.nanoTime();
        while (!contender.hasCopied()) {
            if (System.nanoTime() - began > TimeUnit.SECONDS.toNanos(600)) {
                throw new IllegalStateException("the copy takes more than ten minutes");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
        return String.format(Locale.ROOT, "%,d", rate(copyRows, began));
    }

    /** Below the numbers of the drains. */
    private void fill(Sites sites, DatabaseServer server) throws SQLException {
        BenchmarkEngine engine = BenchmarkEngine.of(server);
        sites.execute(server, engine.big(), Sites.BEAT, engine.insert(-copyRows, -1));
        sites.execute(server, engine.settle().toArray(String[]::new));
    }

    private long drain(
            Sites sites,
            Contender contender,
            BiFunction<Integer, Integer, String> statement,
            String done)
            throws Exception {
        // What is under way is let through first, so that only the drain itself is measured.
        sites.execute(sites.source(), "INSERT INTO beat SELECT coalesce(max(id), 0) + 1 FROM beat");
        long beat = lastBeat(sites);
        sites.awaitOnTarget("SELECT EXISTS (SELECT 1 FROM beat WHERE id = " + beat + ")", 300);
        contender.stop();
        try (Connection connection = sites.source().connect(sites.database());
                Statement write = connection.createStatement()) {
            for (int from = 1; from <= drainRows; from += ROWS_PER_TRANSACTION) {
                write.execute(statement.apply(from, from + ROWS_PER_TRANSACTION - 1));
            }
            if (sites.from() == BenchmarkEngine.POSTGRES) {
                write.execute("CHECKPOINT");
            }
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
        AtomicBoolean loading = new AtomicBoolean(true);
        Thread load = Thread.ofVirtual().start(() -> load(sites, loading));
        long first = lastBeat(sites) + 1;
        try (Connection source = sites.source().connect(sites.database());
                Connection target = sites.target().connect(sites.database());
                PreparedStatement write = source.prepareStatement("INSERT INTO beat VALUES (?)");
                PreparedStatement look =
                        target.prepareStatement(
                                "SELECT EXISTS (SELECT 1 FROM beat WHERE id = ?)")) {
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
            loading.set(false);
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

    private static void load(Sites sites, AtomicBoolean loading) {
        try (Connection connection = sites.source().connect(sites.database());
                PreparedStatement update =
                        connection.prepareStatement("UPDATE big SET a = a + 1 WHERE id = ?")) {
            for (int i = 0; loading.get(); i++) {
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
