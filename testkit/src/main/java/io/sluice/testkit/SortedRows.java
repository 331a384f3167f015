package io.sluice.testkit;

import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A table's rows as text, sorted by their first columns; read once, by one thread. */
final class SortedRows implements AutoCloseable {
    private final Statement statement;
    private final ResultSet result;
    private final int keyColumns;
    private final int columns;

    SortedRows(Statement statement, ResultSet result, int keyColumns) throws SQLException {
        this.statement = statement;
        this.result = result;
        this.keyColumns = keyColumns;
        this.columns = result.getMetaData().getColumnCount();
    }

    /** A row: the columns by which rows are sorted, and the others. */
    record Row(List<@Nullable String> key, List<@Nullable String> rest) implements Comparable<Row> {
        Row {
            key = Collections.unmodifiableList(key);
            rest = Collections.unmodifiableList(rest);
        }

        /** As the database sorts: by bytes, nulls first. */
        @Override
        public int compareTo(Row other) {
            for (int i = 0; i < key.size(); i++) {
                int order = compare(key.get(i), other.key.get(i));
                if (order != 0) {
                    return order;
                }
            }
            return 0;
        }

        private static int compare(@Nullable String one, @Nullable String two) {
            if (one == null || two == null) {
                return Boolean.compare(one != null, two != null);
            }
            return Arrays.compareUnsigned(
                    one.getBytes(StandardCharsets.UTF_8), two.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Null after the last one. */
    @Nullable Row next() throws SQLException {
        if (!result.next()) {
            return null;
        }
        List<@Nullable String> key = new ArrayList<>(keyColumns);
        List<@Nullable String> rest = new ArrayList<>(columns - keyColumns);
        for (int column = 1; column <= columns; column++) {
            (column <= keyColumns ? key : rest).add(result.getString(column));
        }
        return new Row(key, rest);
    }

    @Override
    public void close() throws SQLException {
        statement.close();
    }
}
