package io.sluice.connectors.spi;

import io.sluice.change.SourcePosition;
import io.sluice.change.TableId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far the copy of one table has come: what it is cut into, and which parts are on the target.
 * It lies in the target; a part is marked in the transaction that brings its rows.
 *
 * @param table on the target
 * @param definition the columns that are copied, as the source defined them when the table was cut
 * @param layout where the source kept the rows when the table was cut; a range means the same rows
 *     as long as this is the same
 * @param chunks in order; none before the table was emptied and cut
 * @param settledAt single rows are as of a later position than their chunk's, up to this one; null
 *     for none
 */
public record TableCopy(
        TableId table,
        String definition,
        String layout,
        List<Chunk> chunks,
        @Nullable SourcePosition settledAt) {

    /**
     * A part of a table.
     *
     * @param number from 0 on
     * @param range in the source's own words
     * @param position of the snapshot that its rows are from; null as long as they are not there
     * @param rows that the target took
     */
    public record Chunk(int number, String range, @Nullable SourcePosition position, long rows) {

        public boolean isDone() {
            return position != null;
        }
    }

    public TableCopy {
        chunks = List.copyOf(chunks);
    }

    /** A table whose rows, if it has any, are the copy's own and worth nothing. */
    public static TableCopy unplanned(TableId table) {
        return new TableCopy(table, "", "", List.of(), null);
    }

    /** Whether the table was cut: what is not marked as done is not there. */
    public boolean isPlanned() {
        return !chunks.isEmpty();
    }

    public boolean isBegun() {
        return chunks.stream().anyMatch(Chunk::isDone);
    }

    public boolean isDone() {
        return isPlanned() && chunks.stream().allMatch(Chunk::isDone);
    }
}
