package io.sluice.change;

/** A change of one row of one table. */
public sealed interface RowChange extends Change {

    TableSchema table();

    /** A row that came into being; {@code after} is whole. */
    record Insert(TableSchema table, Row after) implements RowChange {

        public Insert {
            requireWidth(table, after);
            if (!after.isWhole()) {
                throw new IllegalArgumentException(
                        table.table() + ": an insert lacks values of the new row");
            }
        }

        @Override
        public long sizeInBytes() {
            return 32 + after.sizeInBytes();
        }
    }

    /**
     * A row that was changed, its key included where that changed too.
     *
     * @param before at least the identifying values as they were before the change; for a table
     *     without a key, all values
     * @param after the new values; those that were not sent stay as they are
     */
    record Update(TableSchema table, Row before, Row after) implements RowChange {

        public Update {
            requireIdentity(table, before);
            requireWidth(table, after);
        }

        /** Whether the update gave the row another key. */
        public boolean changesKey() {
            return table.hasKey() && !before.key(table.key()).equals(after.key(table.key()));
        }

        @Override
        public long sizeInBytes() {
            return 40 + before.sizeInBytes() + after.sizeInBytes();
        }
    }

    /**
     * A row that is gone.
     *
     * @param before at least the identifying values; for a table without a key, all values
     */
    record Delete(TableSchema table, Row before) implements RowChange {

        public Delete {
            requireIdentity(table, before);
        }

        @Override
        public long sizeInBytes() {
            return 32 + before.sizeInBytes();
        }
    }

    private static void requireWidth(TableSchema table, Row row) {
        if (row.size() != table.columns().size()) {
            throw new IllegalArgumentException(
                    "%s: a row of %d values under a schema of %d columns"
                            .formatted(table.table(), row.size(), table.columns().size()));
        }
    }

    private static void requireIdentity(TableSchema table, Row before) {
        requireWidth(table, before);
        boolean known =
                table.hasKey() ? table.key().stream().allMatch(before::isSent) : before.isWhole();
        if (!known) {
            throw new IllegalArgumentException(
                    table.table() + ": a change does not say which row it was made to");
        }
    }
}
