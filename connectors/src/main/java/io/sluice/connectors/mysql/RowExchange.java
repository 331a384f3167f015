package io.sluice.connectors.mysql;

import io.sluice.change.Column;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.TableLoads.Changes;
import io.sluice.connectors.spi.TableLoads.Loaded;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/**
 * Gives a table the rows of another one, inside a transaction. Whoever reads meanwhile sees the old
 * rows: nothing is truncated.
 */
final class RowExchange {

    private static final int DUPLICATE = 1062;

    private final Connection connection;

    RowExchange(Connection connection) {
        this.connection = connection;
    }

    void replace(Loaded loaded) throws SQLException {
        execute("DELETE FROM " + Sql.table(loaded.table().table()));
        execute(insertion(loaded.table(), loaded.shadow()) + " s");
    }

    /**
     * By comparing the bytes of the values, because a collation may take two for equal that are
     * not. Rows that are other are updated; where they hand unique values to each other, which an
     * update refuses row by row, they are deleted and inserted.
     */
    Changes merge(Loaded loaded) throws SQLException {
        TableSchema schema = loaded.table();
        String table = Sql.table(schema.table());
        String joined = " JOIN " + Sql.table(loaded.shadow()) + " s ON " + keys(schema);
        String first = Sql.identifier(schema.keyNames().getFirst());
        long deleted =
                execute(
                        "DELETE t FROM %s t LEFT%s WHERE s.%s IS NULL"
                                .formatted(table, joined, first));
        String differ = "NOT (" + same(schema) + ")";
        long updated;
        boolean anew = false;
        execute("SAVEPOINT updating");
        try {
            updated =
                    execute(
                            "UPDATE %s t%s SET %s WHERE %s"
                                    .formatted(table, joined, assignments(schema), differ));
        } catch (SQLException e) {
            if (e.getErrorCode() != DUPLICATE) {
                throw e;
            }
            execute("ROLLBACK TO SAVEPOINT updating");
            updated = execute("DELETE t FROM %s t%s WHERE %s".formatted(table, joined, differ));
            anew = true;
        }
        long inserted =
                execute(
                        insertion(schema, loaded.shadow())
                                + " s WHERE NOT EXISTS (SELECT 1 FROM %s t WHERE %s)"
                                        .formatted(table, keys(schema)));
        return new Changes(anew ? inserted - updated : inserted, updated, deleted);
    }

    private static String keys(TableSchema schema) {
        StringJoiner keys = new StringJoiner(" AND ");
        for (String name : schema.keyNames()) {
            keys.add("t.%1$s = s.%1$s".formatted(Sql.identifier(name)));
        }
        return keys.toString();
    }

    private static String assignments(TableSchema schema) {
        StringJoiner assignments = new StringJoiner(", ");
        for (Column column : schema.columns()) {
            assignments.add("t.%1$s = s.%1$s".formatted(Sql.identifier(column.name())));
        }
        return assignments.toString();
    }

    private String same(TableSchema schema) throws SQLException {
        Map<String, String> types = types(schema.table());
        StringJoiner same = new StringJoiner(" AND ");
        for (Column column : schema.columns()) {
            String form =
                    switch (types.getOrDefault(column.name(), "")) {
                        // Their text has fewer digits than they have.
                        case "float", "double" -> "%s";
                        case "json" -> "CAST(CAST(%s AS CHAR) AS BINARY)";
                        default -> "CAST(%s AS BINARY)";
                    };
            String name = Sql.identifier(column.name());
            same.add(form.formatted("t." + name) + " <=> " + form.formatted("s." + name));
        }
        return same.toString();
    }

    private Map<String, String> types(TableId table) throws SQLException {
        Map<String, String> types = new HashMap<>();
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "SELECT COLUMN_NAME, DATA_TYPE FROM information_schema.COLUMNS WHERE"
                                + " TABLE_SCHEMA = ? AND TABLE_NAME = ?")) {
            statement.setString(1, table.schema());
            statement.setString(2, table.name());
            ResultSet rows = statement.executeQuery();
            while (rows.next()) {
                types.put(rows.getString(1), rows.getString(2).toLowerCase(Locale.ROOT));
            }
        }
        return types;
    }

    private static String insertion(TableSchema schema, TableId shadow) {
        List<String> names = schema.columns().stream().map(Column::name).toList();
        return "INSERT INTO %s (%s) SELECT %s FROM %s"
                .formatted(
                        Sql.table(schema.table()),
                        Sql.identifiers(names),
                        Sql.identifiers(names),
                        Sql.table(shadow));
    }

    private long execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.executeLargeUpdate(sql);
        }
    }
}
