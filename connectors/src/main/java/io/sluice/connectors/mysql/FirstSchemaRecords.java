package io.sluice.connectors.mysql;

import io.sluice.change.BinlogPosition;
import io.sluice.change.TableId;
import io.sluice.connectors.debezium.MySqlSchemaRecords;
import io.sluice.connectors.debezium.MySqlSchemaRecords.CreateTable;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What the reader of a log has to know before its first event: the log names no columns and no
 * character sets, and a {@code CREATE TABLE} in it may leave its character set to the database.
 */
final class FirstSchemaRecords {

    private static final String DATABASES =
            "SELECT schema_name, default_character_set_name FROM information_schema.schemata";

    private FirstSchemaRecords() {}

    /**
     * @param connection holds the tables against being altered
     */
    static List<String> read(Connection connection, List<TableId> tables, BinlogPosition at)
            throws SQLException {
        Set<String> wanted = tables.stream().map(TableId::schema).collect(Collectors.toSet());
        Map<String, String> databases = new TreeMap<>();
        List<CreateTable> definitions = new ArrayList<>();
        try (Statement statement = connection.createStatement()) {
            try (ResultSet rows = statement.executeQuery(DATABASES)) {
                while (rows.next()) {
                    if (wanted.contains(rows.getString(1))) {
                        databases.put(rows.getString(1), rows.getString(2));
                    }
                }
            }
            for (TableId table : tables) {
                try (ResultSet row =
                        statement.executeQuery("SHOW CREATE TABLE " + Sql.table(table))) {
                    row.next();
                    definitions.add(new CreateTable(table, row.getString(2)));
                }
            }
            try (ResultSet row = statement.executeQuery("SELECT @@GLOBAL.character_set_server")) {
                row.next();
                return MySqlSchemaRecords.first(row.getString(1), databases, definitions, at);
            }
        }
    }
}
