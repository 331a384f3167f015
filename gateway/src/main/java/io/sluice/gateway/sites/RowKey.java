package io.sluice.gateway.sites;

import io.sluice.change.Row;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import java.util.Comparator;
import java.util.List;

/**
 * A row by its key, the same for schemas of one table that list its columns in another order.
 *
 * @param key the values, in the order of their columns' names
 */
record RowKey(TableId table, Row.Key key) {

    static RowKey of(TableSchema schema, Row row) {
        return new RowKey(schema.table(), row.key(byName(schema)));
    }

    /** The positions of the key's columns, in the order of their names. */
    static List<Integer> byName(TableSchema schema) {
        if (schema.key().size() == 1) {
            return schema.key();
        }
        return schema.key().stream()
                .sorted(Comparator.comparing(position -> schema.columns().get(position).name()))
                .toList();
    }
}
