package io.sluice.connectors.mysql;

import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.TableDefinition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What statements need to know of a table that is written to.
 *
 * @param written the names of the columns that are not computed
 * @param triggers whether any trigger fires, or may without being seen
 * @param selfSet the names of the columns with {@code ON UPDATE}
 * @param soleKey the primary key's columns where no other index is unique and no trigger fires, so
 *     that a row which is inserted over another can only hit the one of its own key; else empty
 */
record TargetTable(
        TableId id,
        Map<String, ColumnForm> columns,
        Set<String> soleKey,
        Set<String> written,
        boolean triggers,
        Set<String> selfSet) {

    private static final String SELF_SET =
            """
            SELECT COLUMN_NAME FROM information_schema.COLUMNS
            WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND EXTRA LIKE '%on update%'
            """;

    private static final String OTHERS =
            """
            SELECT (SELECT count(*) FROM information_schema.STATISTICS
                WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND NON_UNIQUE = 0
                  AND INDEX_NAME <> 'PRIMARY'),
              (SELECT count(*) FROM information_schema.TRIGGERS
                WHERE EVENT_OBJECT_SCHEMA = ? AND EVENT_OBJECT_TABLE = ?)
            """;

    static TargetTable read(Connection connection, TableId id) throws SQLException {
        Map<String, ColumnForm> columns = new HashMap<>();
        Set<String> written = new HashSet<>();
        Set<String> key = Set.of();
        for (TableDefinition table : MySqlCatalog.tables(connection, List.of(id))) {
            key = Set.copyOf(table.primaryKey());
            for (ColumnDefinition column : table.columns()) {
                columns.put(column.name(), new ColumnForm(column));
                if (column.isReplicated()) {
                    written.add(column.name());
                }
            }
        }
        try (PreparedStatement statement = connection.prepareStatement(OTHERS)) {
            for (int i = 1; i <= 4; i += 2) {
                statement.setString(i, id.schema());
                statement.setString(i + 1, id.name());
            }
            ResultSet row = statement.executeQuery();
            row.next();
            long unique = row.getLong(1);
            boolean triggers = row.getLong(2) > 0 || !Grants.read(statement).mayReadTriggersOf(id);
            boolean sole = unique == 0 && !triggers;
            return new TargetTable(
                    id, columns, sole ? key : Set.of(), written, triggers, selfSet(connection, id));
        }
    }

    private static Set<String> selfSet(Connection connection, TableId id) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(SELF_SET)) {
            statement.setString(1, id.schema());
            statement.setString(2, id.name());
            Set<String> names = new HashSet<>();
            ResultSet rows = statement.executeQuery();
            while (rows.next()) {
                names.add(rows.getString(1));
            }
            return names;
        }
    }

    /** The forms of the schema's columns, in its order. */
    List<ColumnForm> forms(TableSchema schema) {
        return schema.columns().stream().map(column -> column(column.name())).toList();
    }

    private ColumnForm column(String name) {
        ColumnForm column = columns.get(name);
        if (column == null) {
            throw new ConnectorException(
                    ErrorClass.FATAL,
                    columns.isEmpty()
                            ? "The table %s is not on the target.".formatted(id)
                            : "The table %s has no column %s on the target.".formatted(id, name));
        }
        return column;
    }
}
