package io.sluice.gateway.snapshot;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.TableCopy;
import io.sluice.connectors.spi.TableDefinition;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How a copy is getting on. Written by the copying threads, read by any.
 *
 * <p>It is also where a copy that is to stop learns of it: {@link #row} throws.
 */
public final class CopyMonitor {

    private final InstantSource clock;
    private final BooleanSupplier stopping;

    private final LongAdder rows = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final LongAdder chunksDone = new LongAdder();
    private final LongAdder tablesDone = new LongAdder();
    private volatile Map<TableId, TableRows> byTable = Map.of();
    private volatile int chunks;
    private volatile int tables;
    private volatile long rowsBefore;
    private volatile long estimatedRows;
    private volatile @Nullable Instant begun;
    private volatile @Nullable String paused;

    /**
     * @param stopping whether the copy is to end where it is
     */
    public CopyMonitor(InstantSource clock, BooleanSupplier stopping) {
        this.clock = clock;
        this.stopping = stopping;
    }

    /**
     * @param plans of the tables, in their order; what is done of them was copied before
     */
    void begun(List<TableDefinition> all, List<TableCopy> plans) {
        Map<TableId, TableRows> begunTables = new HashMap<>();
        for (int i = 0; i < plans.size(); i++) {
            TableDefinition table = all.get(i);
            begunTables.put(table.table(), new TableRows(table.estimatedRows(), plans.get(i)));
        }
        byTable = Map.copyOf(begunTables);
        rows.reset();
        bytes.reset();
        chunksDone.reset();
        tablesDone.reset();
        chunks = 0;
        long before = 0;
        for (TableCopy plan : plans) {
            chunks += plan.chunks().size();
            for (TableCopy.Chunk chunk : plan.chunks()) {
                if (chunk.isDone()) {
                    chunksDone.increment();
                    before += chunk.rows();
                }
            }
            if (plan.isDone()) {
                tablesDone.increment();
            }
        }
        rowsBefore = before;
        tables = all.size();
        estimatedRows = all.stream().mapToLong(t -> Math.max(0, t.estimatedRows())).sum();
        begun = clock.instant();
    }

    /** What is counted of a table of the copy that has begun, named as in the source. */
    TableRows table(TableId source) {
        return Objects.requireNonNull(byTable.get(source));
    }

    /** Fails if the copy is to stop. */
    void row(TableRows table, int length) {
        if (isStopping()) {
            throw new CancellationException("the copy was told to stop");
        }
        rows.increment();
        table.add(1);
        bytes.add(length);
    }

    /** Corrects the count by the messages that were not rows. */
    void counted(TableRows table, long messages, long read) {
        rows.add(read - messages);
        table.add(read - messages);
    }

    /**
     * @param reason why no part is begun; null when they are
     */
    void paused(@Nullable String reason) {
        paused = reason;
    }

    boolean isStopping() {
        return stopping.getAsBoolean();
    }

    void chunkDone(TableRows table) {
        chunksDone.increment();
        table.chunkDone();
    }

    void tableDone() {
        tablesDone.increment();
    }

    /** All rows copied since the copy began. */
    public long rows() {
        return rows.sum();
    }

    /** How far it is with a table, named as in the source; null where it is not of the copy. */
    public @Nullable TableProgress progress(TableId source) {
        TableRows table = byTable.get(source);
        return table == null ? null : table.progress();
    }

    /** How far it is; null before a copy has begun. */
    public @Nullable Progress progress() {
        Instant since = begun;
        if (since == null) {
            return null;
        }
        double seconds = Math.max(0.001, Duration.between(since, clock.instant()).toNanos() / 1e9);
        long copied = rows.sum();
        double rowsPerSecond = copied / seconds;
        copied += rowsBefore;
        // Statistics may lag behind the table: what is copied is at least what there is.
        long expected = Math.max(estimatedRows, copied);
        Duration remaining =
                rowsPerSecond > 0
                        ? Duration.ofSeconds(Math.round((expected - copied) / rowsPerSecond))
                        : null;
        return new Progress(
                tablesDone.sum(),
                tables,
                chunksDone.sum(),
                chunks,
                copied,
                expected,
                bytes.sum(),
                Math.round(rowsPerSecond),
                Math.round(bytes.sum() / seconds),
                remaining,
                paused);
    }

    /**
     * @param chunks that the tables are cut into
     * @param rows those of earlier attempts included
     * @param rowsExpected by the source's statistics, or what is copied where that is more
     * @param remaining at the rate so far; null while there is none
     * @param paused why it stands still; null when it does not
     */
    public record Progress(
            long tablesDone,
            long tables,
            long chunksDone,
            long chunks,
            long rows,
            long rowsExpected,
            long bytes,
            long rowsPerSecond,
            long bytesPerSecond,
            @Nullable Duration remaining,
            @Nullable String paused) {}
}
