package io.sluice.gateway.snapshot;

import io.sluice.connectors.spi.TableCopy;

/**
 * How far the copy of one table is.
 *
 * @param rows those of earlier attempts included
 * @param rowsExpected by the source's statistics, or what is copied where that is more
 * @param chunks that the table is cut into; 0 before that
 */
public record TableProgress(long rows, long rowsExpected, int chunksDone, int chunks) {

    /** As it stands in the target. */
    public static TableProgress of(TableCopy copy) {
        long rows = 0;
        int done = 0;
        for (TableCopy.Chunk chunk : copy.chunks()) {
            if (chunk.isDone()) {
                rows += chunk.rows();
                done++;
            }
        }
        return new TableProgress(rows, rows, done, copy.chunks().size());
    }

    /** Whether all rows are there. */
    public boolean isDone() {
        return chunks > 0 && chunksDone == chunks;
    }
}
