package io.sluice.gateway.snapshot;

import io.sluice.connectors.spi.TableCopy;
import java.util.concurrent.atomic.LongAdder;

/** Counts the copy of one table. Written by the copying threads, read by any. */
final class TableRows {

    private final long estimated;
    private final int chunks;
    private final LongAdder rows = new LongAdder();
    private final LongAdder chunksDone = new LongAdder();

    /**
     * @param estimated by the source's statistics; negative where it has none
     * @param plan what is done of it was copied before
     */
    TableRows(long estimated, TableCopy plan) {
        TableProgress before = TableProgress.of(plan);
        this.estimated = estimated;
        chunks = before.chunks();
        rows.add(before.rows());
        chunksDone.add(before.chunksDone());
    }

    void add(long some) {
        rows.add(some);
    }

    void chunkDone() {
        chunksDone.increment();
    }

    TableProgress progress() {
        long copied = rows.sum();
        int done = chunksDone.intValue();
        // Statistics may lag behind the table, and what is all there is as much as there was.
        long expected = done == chunks ? copied : Math.max(estimated, copied);
        return new TableProgress(copied, expected, done, chunks);
    }
}
