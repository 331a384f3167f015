package io.sluice.change;

import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.StringJoiner;

/**
 * The columns of a table as they stood when a change was written, and which of them identify a row.
 *
 * <p>Two schemas are compared by value; a source hands out the same instance as long as the table
 * does not change, so that identity is a fast path.
 *
 * @param columns in the order in which rows carry their values; generated columns are not among
 *     them
 * @param key positions of the columns that identify a row, ascending; empty for a table without a
 *     key, whose rows are identified by all their columns
 */
public record TableSchema(TableId table, List<Column> columns, List<Integer> key) {

    public TableSchema {
        Objects.requireNonNull(table);
        columns = List.copyOf(columns);
        key = List.copyOf(key);
        Set<String> names = new HashSet<>();
        for (Column column : columns) {
            if (!names.add(column.name())) {
                throw new IllegalArgumentException(table + ": two columns named " + column.name());
            }
        }
        int previous = -1;
        for (int position : key) {
            if (position <= previous || position >= columns.size()) {
                throw new IllegalArgumentException(
                        table + ": key positions " + key + " of " + columns.size() + " columns");
            }
            previous = position;
        }
    }

    public boolean hasKey() {
        return !key.isEmpty();
    }

    /** The key of a row as {@code column=value, …}: for an operator's eyes, never for a log. */
    public String keyText(Row row) {
        if (!hasKey()) {
            return "(a row of a table without a key)";
        }
        StringJoiner text = new StringJoiner(", ");
        for (int position : key) {
            Object value = row.get(position);
            text.add(
                    columns.get(position).name()
                            + "="
                            + (value instanceof byte[] bytes
                                    ? "\\x" + HexFormat.of().formatHex(bytes)
                                    : String.valueOf(value)));
        }
        return text.toString();
    }

    /** The names of the columns that identify a row, in column order. */
    public List<String> keyNames() {
        return key.stream().map(position -> columns.get(position).name()).toList();
    }
}
