package io.sluice.testkit;

import java.util.List;
import java.util.stream.Collectors;

/**
 * What {@link Comparer} found.
 *
 * @param tables in the order in which they were asked for
 */
public record Comparison(List<Table> tables) {
    public Comparison {
        tables = List.copyOf(tables);
    }

    /**
     * One table's part.
     *
     * @param name as {@code schema.table}
     * @param leftRows how many rows the left side has
     * @param rightRows how many rows the right side has
     * @param differentRows how many rows are on one side alone or differ
     * @param first the first differences by key, at most {@value #MOST_DIFFERENCES}
     */
    public record Table(
            String name,
            long leftRows,
            long rightRows,
            long differentRows,
            List<Difference> first) {
        static final int MOST_DIFFERENCES = 10;

        public Table {
            first = List.copyOf(first);
        }

        public boolean isEqual() {
            return differentRows == 0;
        }
    }

    /** How a row differs. */
    public enum Kind {
        ONLY_LEFT,
        ONLY_RIGHT,
        CHANGED
    }

    /**
     * A row that differs.
     *
     * @param key its key's values; the whole row where the table has no key
     * @param detail the columns that differ; for a table without a key, the two numbers of copies
     */
    public record Difference(Kind kind, String key, String detail) {
        @Override
        public String toString() {
            return kind + " " + key + (detail.isEmpty() ? "" : ": " + detail);
        }
    }

    /** Whether all tables have equal rows. */
    public boolean isEqual() {
        return tables.stream().allMatch(Table::isEqual);
    }

    /** The rows of the left side, over all tables. */
    public long rows() {
        return tables.stream().mapToLong(Table::leftRows).sum();
    }

    /**
     * A line per table, and the first differences under those that differ. For a test's message.
     */
    @Override
    public String toString() {
        return tables.stream().map(Comparison::text).collect(Collectors.joining("\n"));
    }

    private static String text(Table table) {
        String line =
                table.isEqual()
                        ? "%s: %d rows, equal".formatted(table.name(), table.leftRows())
                        : "%s: %d and %d rows, %d differ"
                                .formatted(
                                        table.name(),
                                        table.leftRows(),
                                        table.rightRows(),
                                        table.differentRows());
        return table.first().stream()
                .map(difference -> "\n    " + difference)
                .collect(Collectors.joining("", line, ""));
    }
}
