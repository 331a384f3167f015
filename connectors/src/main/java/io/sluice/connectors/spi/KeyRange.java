package io.sluice.connectors.spi;

import java.util.List;

/**
 * A part of a table in the ascending order of some of its columns.
 *
 * <p>A bound is a place between rows: with a value for each column it lies behind the row that has
 * them; with fewer values, before the first row that has them. So what lies up to a bound and what
 * lies after it are the whole table, apart from rows in which a column is null: they are in no
 * range.
 *
 * @param columns by which the table is ordered
 * @param after the lower bound; empty for none
 * @param upTo the upper bound; empty for none
 */
public record KeyRange(List<String> columns, List<Object> after, List<Object> upTo) {

    public KeyRange {
        columns = List.copyOf(columns);
        after = List.copyOf(after);
        upTo = List.copyOf(upTo);
        if (columns.isEmpty() || after.size() > columns.size() || upTo.size() > columns.size()) {
            throw new IllegalArgumentException("a bound has at most a value for each column");
        }
    }

    /** All rows. */
    public static KeyRange all(List<String> columns) {
        return new KeyRange(columns, List.of(), List.of());
    }

    public KeyRange after(List<Object> bound) {
        return new KeyRange(columns, bound, upTo);
    }

    public KeyRange upTo(List<Object> bound) {
        return new KeyRange(columns, after, bound);
    }
}
