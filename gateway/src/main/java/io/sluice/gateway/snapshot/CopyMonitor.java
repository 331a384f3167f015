package io.sluice.gateway.snapshot;

import io.sluice.connectors.spi.TableDefinition;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How a copy is getting on. Written by the copying threads, read by any.
 *
 * <p>It is also where a copy that is to stop learns of it: {@link #line} throws.
 */
public final class CopyMonitor {

    private final InstantSource clock;
    private final BooleanSupplier stopping;

    private final LongAdder rows = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final LongAdder tablesDone = new LongAdder();
    private volatile int tables;
    private volatile long estimatedRows;
    private volatile @Nullable Instant begun;

    /**
     * @param stopping whether the copy is to end where it is
     */
    public CopyMonitor(InstantSource clock, BooleanSupplier stopping) {
        this.clock = clock;
        this.stopping = stopping;
    }

    void begun(List<TableDefinition> all) {
        rows.reset();
        bytes.reset();
        tablesDone.reset();
        tables = all.size();
        estimatedRows = all.stream().mapToLong(t -> Math.max(0, t.estimatedRows())).sum();
        begun = clock.instant();
    }

    void line(int length) {
        if (stopping.getAsBoolean()) {
            throw new CancellationException("the copy was told to stop");
        }
        rows.increment();
        bytes.add(length);
    }

    void tableDone() {
        tablesDone.increment();
    }

    /** All rows copied since the copy began. */
    public long rows() {
        return rows.sum();
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
        // Statistics may lag behind the table: what is copied is at least what there is.
        long expected = Math.max(estimatedRows, copied);
        Duration remaining =
                rowsPerSecond > 0
                        ? Duration.ofSeconds(Math.round((expected - copied) / rowsPerSecond))
                        : null;
        return new Progress(
                tablesDone.sum(),
                tables,
                copied,
                expected,
                bytes.sum(),
                Math.round(rowsPerSecond),
                Math.round(bytes.sum() / seconds),
                remaining);
    }

    /**
     * @param rowsExpected by the source's statistics, or what is copied where that is more
     * @param remaining at the rate so far; null while there is none
     */
    public record Progress(
            long tablesDone,
            long tables,
            long rows,
            long rowsExpected,
            long bytes,
            long rowsPerSecond,
            long bytesPerSecond,
            @Nullable Duration remaining) {}
}
