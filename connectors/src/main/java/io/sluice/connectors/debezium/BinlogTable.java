package io.sluice.connectors.debezium;

import io.sluice.change.Row;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How to read the rows of a replicated table, as the log announced it last. Used by one thread.
 *
 * @param schema what its rows look like to the receiver
 * @param readers of all columns in the log's order
 * @param positions where each of them stands in a row; negative for a generated one, which is left
 *     out
 */
record BinlogTable(TableSchema schema, List<CellReader> readers, List<Integer> positions) {

    /**
     * Reads the next row.
     *
     * @throws ConnectorException if it cannot be read; its message holds no value
     */
    Row row(BinlogBytes in) {
        @Nullable Object[] values = new Object[schema.columns().size()];
        boolean[] nulls = in.bits(readers.size());
        for (int i = 0; i < nulls.length; i++) {
            Object value = nulls[i] ? null : read(i, in);
            if (positions.get(i) >= 0) {
                values[positions.get(i)] = value;
            }
        }
        return Row.of(values);
    }

    private Object read(int column, BinlogBytes in) {
        try {
            return readers.get(column).read().apply(in);
        } catch (CharsetText.UnreadableTextException e) {
            throw new ConnectorException(
                    ErrorClass.FATAL,
                    "reading the log: column %s of %s %s"
                            .formatted(name(column), schema.table(), e.getMessage()),
                    e);
        } catch (RuntimeException e) {
            // Without the cause: its message may hold the value.
            throw new ConnectorException(
                    ErrorClass.FATAL,
                    "reading the log: column %d of %s holds a value that cannot be read (%s); please report this"
                            .formatted(column + 1, schema.table(), e.getClass().getSimpleName()));
        }
    }

    private String name(int column) {
        int position = positions.get(column);
        return position < 0 ? Integer.toString(column + 1) : schema.columns().get(position).name();
    }

    int width() {
        return readers.size();
    }
}
