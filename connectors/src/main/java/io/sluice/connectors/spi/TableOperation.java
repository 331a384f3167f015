package io.sluice.connectors.spi;

import io.sluice.change.Row;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import java.util.List;

/**
 * What is to be done to a table of the target, in as few statements as the database can. The
 * schemas are the target's: their table names and columns are those of the table written to.
 */
public sealed interface TableOperation {

    /** The rows come into being; one that stands already is an error of its row. */
    record InsertRows(TableSchema table, List<Row> rows) implements TableOperation {

        public InsertRows {
            rows = List.copyOf(rows);
        }
    }

    /**
     * The rows that {@code before} identifies take the values of {@code after} at {@code written}.
     * Rows of a table with a key are distinct by key.
     *
     * @param written positions of the columns that are set, the same for all rows
     */
    record UpdateRows(TableSchema table, List<Integer> written, List<Row> before, List<Row> after)
            implements TableOperation {

        public UpdateRows {
            written = List.copyOf(written);
            before = List.copyOf(before);
            after = List.copyOf(after);
            if (before.size() != after.size()) {
                throw new IllegalArgumentException("each update has a before and an after");
            }
        }
    }

    /**
     * The rows that {@code before} identifies go. In a table without a key each takes exactly one
     * of the rows that equal it.
     */
    record DeleteRows(TableSchema table, List<Row> before) implements TableOperation {

        public DeleteRows {
            before = List.copyOf(before);
        }
    }

    /** The tables become empty, all by one statement. */
    record TruncateTables(List<TableId> tables) implements TableOperation {

        public TruncateTables {
            tables = List.copyOf(tables);
        }
    }
}
