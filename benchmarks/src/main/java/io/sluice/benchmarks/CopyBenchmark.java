package io.sluice.benchmarks;

import io.sluice.testkit.DatabaseServer;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The copy alone: from PostgreSQL to PostgreSQL beside {@code psql}'s own pipe, and between the
 * engines beside Debezium's snapshot whose rows are inserted one by one. The gateway is a process
 * of its own with a heap of 256 MiB, whose garbage collector says how much of it was needed.
 *
 * <p>Rates are from the first row that is on its way to the target until all are there, so no start
 * is in them. Arguments: rows of a copy, rows that Debezium is given, and the pairs; all of them
 * without that.
 */
final class CopyBenchmark {

    private static final String DATABASE = "benchmark";

    private final int rows;
    private final int peerRows;

    private CopyBenchmark(int rows, int peerRows) {
        this.rows = rows;
        this.peerRows = peerRows;
    }

    static void run(String[] args) throws Exception {
        CopyBenchmark benchmark =
                new CopyBenchmark(
                        args.length > 0 ? Integer.parseInt(args[0]) : 2_000_000,
                        args.length > 1 ? Integer.parseInt(args[1]) : 100_000);
        System.out.printf("%-20s %-34s %12s%n", "copy", "", "rows/s");
        List<String> pairs = Arrays.asList(args).subList(Math.min(2, args.length), args.length);
        if (pairs.isEmpty() || pairs.contains("postgres-postgres")) {
            benchmark.besidePsql();
        }
        if (pairs.isEmpty() || pairs.contains("mysql-postgres")) {
            benchmark.besideDebezium(BenchmarkEngine.MYSQL, BenchmarkEngine.POSTGRES);
        }
        if (pairs.isEmpty() || pairs.contains("postgres-mysql")) {
            benchmark.besideDebezium(BenchmarkEngine.POSTGRES, BenchmarkEngine.MYSQL);
        }
    }

    private void besidePsql() throws Exception {
        try (DatabaseServer source = BenchmarkEngine.POSTGRES.start();
                DatabaseServer target = BenchmarkEngine.POSTGRES.start()) {
            Sites small = fresh(source, target, true);
            fill(small, rows / 10);
            tell(small, "Sluice, a tenth of the rows", new SluiceCopy(small).run(rows / 10));
            Sites sites = fresh(source, target, true);
            fill(sites, rows);
            double best = 0;
            double sluice = 0;
            // In turns, so that what else the machine does meets both.
            for (int turn = 0; turn < 2; turn++) {
                best = Math.max(best, pipe(fresh(source, target, false)));
                SluiceCopy copy = new SluiceCopy(fresh(source, target, false));
                SluiceCopy.Result result = copy.run(rows);
                tell(sites, "Sluice", result);
                sluice = Math.max(sluice, result.rowsPerSecond());
            }
            System.out.printf(Locale.ROOT, "%-20s Sluice/psql %.2f%n", "", sluice / best);
        }
    }

    private double pipe(Sites sites) throws Exception {
        sites.execute(sites.target(), BenchmarkEngine.POSTGRES.big());
        double rate = rows / PsqlPipe.seconds(sites);
        System.out.printf(
                Locale.ROOT, "%-20s %-34s %,12.0f%n", pair(sites), "psql COPY | psql COPY", rate);
        return rate;
    }

    private void besideDebezium(BenchmarkEngine from, BenchmarkEngine to) throws Exception {
        try (DatabaseServer source = from.start();
                DatabaseServer target = to.start()) {
            Sites few = fresh(source, target, true);
            fill(few, peerRows);
            few.execute(target, to.big());
            double peer = peerRows / new DebeziumCopy(few).seconds(peerRows);
            System.out.printf(
                    Locale.ROOT,
                    "%-20s %-34s %,12.0f%n",
                    pair(few),
                    "Debezium's snapshot, row by row",
                    peer);
            Sites sites = fresh(source, target, true);
            fill(sites, rows);
            SluiceCopy.Result result = new SluiceCopy(sites).run(rows);
            tell(sites, "Sluice", result);
            System.out.printf(
                    Locale.ROOT, "%-20s Sluice/Debezium %.1f%n", "", result.rowsPerSecond() / peer);
        }
    }

    /** An empty target, and an empty source where that is wanted too. */
    private static Sites fresh(DatabaseServer source, DatabaseServer target, boolean emptySource) {
        target.dropDatabase(DATABASE);
        target.dropDatabase("sluice"); // of MySQL
        target.createDatabase(DATABASE);
        if (emptySource) {
            source.dropDatabase(DATABASE);
            source.createDatabase(DATABASE);
        }
        return new Sites(source, target, DATABASE);
    }

    private static void fill(Sites sites, int count) throws SQLException {
        sites.execute(sites.source(), sites.from().big(), sites.from().insert(1, count));
        sites.execute(sites.source(), sites.from().settle().toArray(String[]::new));
    }

    private static void tell(Sites sites, String name, SluiceCopy.Result result) {
        System.out.printf(
                Locale.ROOT,
                "%-20s %-34s %,12.0f   heap at most %d MiB, %d MiB of it live%n",
                pair(sites),
                name,
                result.rowsPerSecond(),
                result.peakHeapMebibytes(),
                result.liveHeapMebibytes());
    }

    private static String pair(Sites sites) {
        return (sites.from() + "-" + sites.to()).toLowerCase(Locale.ROOT);
    }
}
