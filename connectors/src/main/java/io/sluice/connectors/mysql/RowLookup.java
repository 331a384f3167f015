package io.sluice.connectors.mysql;

import io.sluice.change.Column;
import io.sluice.change.Row;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.CopyLineReader;
import io.sluice.connectors.spi.SourceDatabase.Found;
import io.sluice.connectors.spi.TableDefinition;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Looks one row up by its key, in the form in which values travel. The key is compared as the
 * table's own key compares: a row may be found whose letters are of the other case.
 */
final class RowLookup {

    private RowLookup() {}

    static Found find(String place, Connection connection, TableSchema schema, Row key)
            throws SQLException {
        Row row = row(connection, schema, key);
        return new Found(row, BinaryLog.end(place, connection));
    }

    static @Nullable Row row(Connection connection, TableSchema schema, Row key)
            throws SQLException {
        CopyLine line = new CopyLine(columns(connection, schema));
        StringBuilder sql = new StringBuilder("SELECT ").append(line.expressions());
        sql.append(" FROM ").append(Sql.table(schema.table()));
        new RowStatements(TargetTable.read(connection, schema.table()), schema).oneRow(sql, key);
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql.toString())) {
            return rows.next() ? new CopyLineReader(schema).row(line.of(rows)) : null;
        }
    }

    private static List<ColumnDefinition> columns(Connection connection, TableSchema schema)
            throws SQLException {
        Map<String, ColumnDefinition> byName =
                MySqlCatalog.tables(connection, List.of(schema.table())).stream()
                        .map(TableDefinition::columns)
                        .flatMap(List::stream)
                        .collect(Collectors.toMap(ColumnDefinition::name, Function.identity()));
        return schema.columns().stream()
                .map(Column::name)
                .map(name -> Objects.requireNonNull(byName.get(name), name))
                .toList();
    }
}
