package io.sluice.testkit;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A table's rows as text, sorted by their first columns; read once, by one thread. */
final class SortedRows implements RowStream {
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

    @Override
    public @Nullable Row next() throws SQLException {
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
