package io.sluice.benchmarks;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.sluice.testkit.DatabaseServer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.LoggerFactory;

/**
 * Both sites write all the same rows while neither hears of the other, and then do: every change
 * meets a conflict. How many are decided in a second, at both sites together, and what that leaves
 * in the log, the metrics and the heap.
 *
 * <p>Arguments: rows, and rows of each transaction; as many as there are rows for one huge one.
 */
final class StormBenchmark {

    private static final String CONFLICTS = "SELECT EXISTS (SELECT 1 FROM sluice.conflict)";

    private final int rows;
    private final int rowsPerTransaction;
    private final AtomicLong lines = new AtomicLong();

    private StormBenchmark(int rows, int rowsPerTransaction) {
        this.rows = rows;
        this.rowsPerTransaction = rowsPerTransaction;
    }

    static void run(String[] args) throws Exception {
        new StormBenchmark(
                        args.length > 0 ? Integer.parseInt(args[0]) : 200_000,
                        args.length > 1 ? Integer.parseInt(args[1]) : 100)
                .measure();
    }

    private void measure() throws Exception {
        countLines();
        try (DatabaseServer source = BenchmarkEngine.POSTGRES.start();
                DatabaseServer target = BenchmarkEngine.POSTGRES.start()) {
            Sites there = new Sites(source, target, "benchmark");
            Sites back = there.back();
            there.prepareBoth();
            there.execute(source, BenchmarkEngine.POSTGRES.insert(1, rows));
            SluiceContender contender = new SluiceContender(there, true);
            contender.startAndCopy();
            there.beat(1);
            back.beat(2);
            contender.stop();
            write(there);
            write(back);
            there.execute(source, "INSERT INTO beat VALUES (3)");
            there.execute(target, "INSERT INTO beat VALUES (4)");
            resetPeaks();
            contender.start();
            drain(there, back, contender);
            contender.stop();
        }
    }

    private void drain(Sites there, Sites back, SluiceContender contender)
            throws SQLException, IOException, InterruptedException {
        while (!there.holdsOnTarget(CONFLICTS) && !back.holdsOnTarget(CONFLICTS)) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        long began = System.nanoTime();
        there.awaitOnTarget("SELECT EXISTS (SELECT 1 FROM beat WHERE id = 3)", 900);
        back.awaitOnTarget("SELECT EXISTS (SELECT 1 FROM beat WHERE id = 4)", 900);
        double seconds = (System.nanoTime() - began) / 1e9;
        long decided = number(there.target()) + number(there.source());
        System.out.printf(
                Locale.ROOT,
                "%,d conflicts of %,d changes in %.1f s: %,.0f a second; %d lines of log, %,.0f by the metrics, %,d MB of heap at most; the sites are %s%n",
                decided,
                2L * rows,
                seconds,
                decided / seconds,
                lines.get(),
                metric(contender.httpPort()),
                peak() >> 20,
                text(there.source()).equals(text(there.target())) ? "equal" : "NOT EQUAL");
    }

    private void write(Sites sites) throws SQLException {
        try (Connection connection = sites.source().connect(sites.database());
                Statement write = connection.createStatement()) {
            for (int from = 1; from <= rows; from += rowsPerTransaction) {
                int to = Math.min(from + rowsPerTransaction - 1, rows);
                write.execute(BenchmarkEngine.POSTGRES.update(from, to));
            }
            write.execute("CHECKPOINT");
        }
    }

    private static long number(DatabaseServer server) throws SQLException {
        return Long.parseLong(ask(server, "SELECT count(*) FROM sluice.conflict"));
    }

    private static String text(DatabaseServer server) throws SQLException {
        return ask(server, "SELECT md5(string_agg(big::text, ';' ORDER BY id)) FROM big");
    }

    private static String ask(DatabaseServer server, String sql) throws SQLException {
        try (Connection connection = server.connect("benchmark");
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return String.valueOf(result.getString(1));
        }
    }

    private static double metric(int port) throws IOException, InterruptedException {
        URI metrics = URI.create("http://127.0.0.1:%d/metrics".formatted(port));
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(metrics).build(), BodyHandlers.ofString())
                    .body()
                    .lines()
                    .filter(line -> line.startsWith("sluice_conflicts_total{"))
                    .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                    .sum();
        }
    }

    private void countLines() {
        Logger logger = (Logger) LoggerFactory.getLogger("io.sluice.gateway.sites.ConflictLines");
        AppenderBase<ILoggingEvent> counter =
                new AppenderBase<>() {
                    @Override
                    protected void append(ILoggingEvent event) {
                        lines.incrementAndGet();
                    }
                };
        counter.setContext(logger.getLoggerContext());
        counter.start();
        logger.setLevel(Level.INFO); // the benchmark's own log is of warnings alone
        logger.setAdditive(false);
        logger.addAppender(counter);
    }

    private static void resetPeaks() {
        System.gc();
        ManagementFactory.getMemoryPoolMXBeans().forEach(MemoryPoolMXBean::resetPeakUsage);
    }

    private static long peak() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .mapToLong(pool -> pool.getPeakUsage().getUsed())
                .sum();
    }
}
