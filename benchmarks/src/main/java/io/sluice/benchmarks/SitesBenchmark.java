package io.sluice.benchmarks;

import io.sluice.testkit.DatabaseServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What it costs that both sides may write: the same changes drained one way, and between two sites
 * that meet no conflict, where one of them has written and where both have. In turns, on servers
 * with {@code fsync} on that are fresh for each.
 *
 * <p>Arguments: rows of each drain, rows of each of their transactions, and how many turns.
 */
final class SitesBenchmark {

    private enum Way {
        ONE_WAY("one way", false, false),
        ONE_WRITES("both ways, one writes", true, false),
        BOTH_WRITE("both ways, both write", true, true);

        private final String name;
        private final boolean isBidirectional;
        private final boolean bothWrite;

        Way(String name, boolean isBidirectional, boolean bothWrite) {
            this.name = name;
            this.isBidirectional = isBidirectional;
            this.bothWrite = bothWrite;
        }
    }

    private final int rows;
    private final int rowsPerTransaction;

    private SitesBenchmark(int rows, int rowsPerTransaction) {
        this.rows = rows;
        this.rowsPerTransaction = rowsPerTransaction;
    }

    static void run(String[] args) throws Exception {
        SitesBenchmark benchmark =
                new SitesBenchmark(
                        args.length > 0 ? Integer.parseInt(args[0]) : 200_000,
                        args.length > 1 ? Integer.parseInt(args[1]) : 100);
        int turns = args.length > 2 ? Integer.parseInt(args[2]) : 3;
        Map<Way, double[]> rates = new EnumMap<>(Way.class);
        for (int turn = 0; turn < turns; turn++) {
            for (Way way : Way.values()) {
                double rate = benchmark.measure(way);
                rates.computeIfAbsent(way, w -> new double[turns])[turn] = rate;
                double oneWay = Objects.requireNonNull(rates.get(Way.ONE_WAY))[turn];
                System.out.printf(
                        Locale.ROOT,
                        "%-24s %,10.0f rows a second   %.2f of one way%n",
                        way.name,
                        rate,
                        rate / oneWay);
            }
        }
        for (Way way : Way.values()) {
            double[] ratios = new double[turns];
            double[] own = Objects.requireNonNull(rates.get(way));
            double[] oneWay = Objects.requireNonNull(rates.get(Way.ONE_WAY));
            Arrays.setAll(ratios, turn -> own[turn] / oneWay[turn]);
            Arrays.sort(ratios);
            System.out.printf(
                    Locale.ROOT, "%-24s median %.2f of one way%n", way.name, ratios[turns / 2]);
        }
    }

    private double measure(Way way) throws Exception {
        try (DatabaseServer source = BenchmarkEngine.POSTGRES.start();
                DatabaseServer target = BenchmarkEngine.POSTGRES.start()) {
            Sites there = new Sites(source, target, "benchmark");
            Sites back = there.back();
            there.prepareBoth();
            SluiceContender contender = new SluiceContender(there, way.isBidirectional);
            contender.startAndCopy();
            there.beat(1);
            if (way.bothWrite) {
                back.beat(2);
            }
            contender.stop();
            write(there, 0);
            if (way.bothWrite) {
                write(back, rows);
            }
            contender.start();
            double rate = way.bothWrite ? drainBoth(there, back) : drain(there);
            contender.stop();
            return rate;
        }
    }

    private void write(Sites sites, int above) throws SQLException {
        try (Connection connection = sites.source().connect(sites.database());
                Statement write = connection.createStatement()) {
            for (int from = above + 1; from <= above + rows; from += rowsPerTransaction) {
                int to = Math.min(from + rowsPerTransaction - 1, above + rows);
                write.execute(BenchmarkEngine.POSTGRES.insert(from, to));
            }
            write.execute("CHECKPOINT");
        }
    }

    private double drain(Sites sites) throws SQLException {
        sites.awaitOnTarget(holds(1), 300);
        long began = System.nanoTime();
        sites.awaitOnTarget(holds(rows), 600);
        return rate(rows, began);
    }

    private double drainBoth(Sites there, Sites back) throws SQLException {
        while (!there.holdsOnTarget(holds(1)) && !back.holdsOnTarget(holds(rows + 1))) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        long began = System.nanoTime();
        there.awaitOnTarget(holds(rows), 600);
        back.awaitOnTarget(holds(2 * rows), 600);
        return rate(2 * rows, began);
    }

    private static String holds(int id) {
        return "SELECT EXISTS (SELECT 1 FROM big WHERE id = " + id + ")";
    }

    private static double rate(int applied, long beganNanos) {
        return applied / ((System.nanoTime() - beganNanos) / 1e9);
    }
}
