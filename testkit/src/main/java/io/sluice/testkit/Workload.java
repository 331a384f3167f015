package io.sluice.testkit;

import io.sluice.testkit.load.LoadEngine;
import io.sluice.testkit.load.RandomValues;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Random transactions that interleave on several connections: COPY, sets, batches, changes and
 * swaps of keys, savepoints, rollbacks, truncates, values out of line, tables without a key, every
 * type. All chances come from a seed that is logged: on one connection the same seed gives the same
 * history, on several it gives the same transactions in an order of the moment.
 *
 * <p>Serialization failures, deadlocks and their like roll the transaction back, and the load goes
 * on with the next; so it does after a lost connection, for up to two minutes. Any other error is a
 * fault of the load itself and ends it.
 *
 * <p>{@link #run} and {@link #start} may be called again and go on with the same chances, one at a
 * time. Counters may be read from any thread.
 */
public final class Workload implements AutoCloseable {
    /** The tables on PostgreSQL, as {@code schema.table} without quotes. */
    public static final List<String> TABLES = LoadEngine.POSTGRES.tables();

    /** The tables on MySQL, in the database that is connected to, without quotes. */
    public static final List<String> MYSQL_TABLES = LoadEngine.MYSQL.tables();

    /** How long the load waits for a database to come back. */
    static final Duration OUTAGE = Duration.ofSeconds(120);

    private static final Logger log = LoggerFactory.getLogger(Workload.class);
    private static final int CONNECTIONS = 4;
    private static final Duration STOP = Duration.ofSeconds(120);
    private static final Duration FOR_EVER = Duration.ofDays(1);

    private final LoadEngine engine;
    private final long seed;
    private final List<RandomValues> chances = new ArrayList<>();
    private final WorkloadCounters counters = new WorkloadCounters();
    private final List<WorkloadWorker> workers = new ArrayList<>();
    private final ExecutorService threads =
            Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("workload-", 0).factory());
    private final List<Future<?>> running = new ArrayList<>();

    /** What was done so far; rows as the server counted them, without those of cascades. */
    public record Counts(
            long committedTransactions,
            long rolledBackTransactions,
            long failedTransactions,
            long committedRows,
            Map<String, Long> steps) {}

    /** A load on four connections to PostgreSQL. */
    public Workload(long seed) {
        this(seed, CONNECTIONS);
    }

    /** A load on that many connections to PostgreSQL. */
    public Workload(long seed, int connections) {
        this(LoadEngine.POSTGRES, seed, connections);
    }

    private Workload(LoadEngine engine, long seed, int connections) {
        this.engine = engine;
        this.seed = seed;
        SplittableRandom root = new SplittableRandom(seed);
        for (int i = 0; i < connections; i++) {
            chances.add(new RandomValues(root.split()));
        }
        log.info("workload of seed {} on {} connections", seed, connections);
    }

    /** A load on four connections to PostgreSQL, of documents that MySQL can hold too. */
    public static Workload portable(long seed) {
        Workload workload = new Workload(seed);
        workload.chances.forEach(RandomValues::keepPortable);
        return workload;
    }

    /** A load on that many connections to MySQL. */
    public static Workload mysql(long seed, int connections) {
        return new Workload(LoadEngine.MYSQL, seed, connections);
    }

    public long seed() {
        return seed;
    }

    /** Makes the tables in an empty database. */
    public void createSchema(Connection connection) {
        try {
            engine.createSchema(connection);
        } catch (SQLException e) {
            throw new ServerException("cannot create the workload's schema", e);
        }
    }

    /** Runs that many transactions, committed or not, and returns. */
    public void run(Supplier<Connection> connections, int transactions) {
        Pace pace = Pace.unlimited();
        // Each connection has its own share, so that chances do not depend on which one is faster.
        int each = transactions / chances.size();
        int more = transactions % chances.size();
        for (int i = 0; i < chances.size(); i++) {
            begin(i, connections, pace, each + (i < more ? 1 : 0));
        }
        join(FOR_EVER);
    }

    /**
     * Begins a load that goes on until {@link #stop}, on all connections together at most so fast.
     */
    public void start(Supplier<Connection> connections, double transactionsPerSecond) {
        Pace pace = Pace.of(transactionsPerSecond);
        for (int i = 0; i < chances.size(); i++) {
            begin(i, connections, pace, Long.MAX_VALUE);
        }
    }

    /** Ends the load after the transactions that run; an error that ended it before is thrown. */
    public void stop() {
        workers.forEach(WorkloadWorker::stop);
        join(STOP);
    }

    /** As {@link #stop}. */
    @Override
    public void close() {
        stop();
    }

    public Counts counts() {
        return counters.counts();
    }

    private static String reason(@Nullable Throwable failure) {
        return failure instanceof SQLException e ? e.getSQLState() + " " + e : "" + failure;
    }

    private void begin(int index, Supplier<Connection> connections, Pace pace, long transactions) {
        WorkloadWorker worker =
                new WorkloadWorker(
                        engine, chances.get(index), connections, pace, counters, transactions);
        workers.add(worker);
        running.add(threads.submit(worker));
    }

    private void join(Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        try {
            for (Future<?> each : running) {
                each.get(Math.max(1, end - System.nanoTime()), TimeUnit.NANOSECONDS);
            }
        } catch (ExecutionException e) {
            workers.forEach(WorkloadWorker::stop);
            throw new ServerException(
                    "the workload of seed " + seed + " failed: " + reason(e.getCause()),
                    e.getCause());
        } catch (TimeoutException e) {
            workers.forEach(WorkloadWorker::abort);
            throw new ServerException("the workload's transactions do not come to an end", e);
        } catch (InterruptedException e) {
            workers.forEach(WorkloadWorker::abort);
            Thread.currentThread().interrupt();
        } finally {
            workers.clear();
            running.clear();
        }
    }
}
