package io.sluice.connectors.mysql;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.TableLoads.Loaded;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Whether a table's name can be given to the one that was filled for it, without any loss. */
final class TableExchange {

    /** What goes by the table and not by its name. */
    private static final String HANGS =
            """
            SELECT EXISTS (SELECT 1 FROM information_schema.TRIGGERS
                WHERE EVENT_OBJECT_SCHEMA = ? AND EVENT_OBJECT_TABLE = ?)
              OR EXISTS (SELECT 1 FROM information_schema.REFERENTIAL_CONSTRAINTS
                WHERE CONSTRAINT_SCHEMA = ? AND TABLE_NAME = ?)
              OR EXISTS (SELECT 1 FROM information_schema.REFERENTIAL_CONSTRAINTS
                WHERE UNIQUE_CONSTRAINT_SCHEMA = ? AND REFERENCED_TABLE_NAME = ?)
            """;

    /** Columns and indexes by name; checks have others on each table, and are counted. */
    private static final String ADDED =
            """
            SELECT EXISTS (SELECT 1 FROM information_schema.COLUMNS o
                LEFT JOIN information_schema.COLUMNS f ON f.TABLE_SCHEMA = o.TABLE_SCHEMA
                  AND f.TABLE_NAME = ? AND f.COLUMN_NAME = o.COLUMN_NAME
                  AND f.COLUMN_TYPE = o.COLUMN_TYPE
                WHERE o.TABLE_SCHEMA = ? AND o.TABLE_NAME = ? AND f.COLUMN_NAME IS NULL)
              OR EXISTS (SELECT 1 FROM information_schema.STATISTICS o
                LEFT JOIN information_schema.STATISTICS f ON f.TABLE_SCHEMA = o.TABLE_SCHEMA
                  AND f.TABLE_NAME = ? AND f.INDEX_NAME = o.INDEX_NAME
                WHERE o.TABLE_SCHEMA = ? AND o.TABLE_NAME = ? AND f.INDEX_NAME IS NULL)
              OR (SELECT coalesce(sum(CASE TABLE_NAME WHEN ? THEN -1 ELSE 1 END), 0)
                FROM information_schema.TABLE_CONSTRAINTS
                WHERE CONSTRAINT_TYPE = 'CHECK' AND TABLE_SCHEMA = ?
                  AND TABLE_NAME IN (?, ?)) > 0
            """;

    private final Connection connection;

    TableExchange(Connection connection) {
        this.connection = connection;
    }

    boolean isLossless(Loaded loaded) throws SQLException {
        TableId table = loaded.table().table();
        String shadow = loaded.shadow().name();
        return !is(
                        HANGS,
                        table.schema(),
                        table.name(),
                        table.schema(),
                        table.name(),
                        table.schema(),
                        table.name())
                && !is(
                        ADDED,
                        shadow,
                        table.schema(),
                        table.name(),
                        shadow,
                        table.schema(),
                        table.name(),
                        shadow,
                        table.schema(),
                        table.name(),
                        shadow);
    }

    private boolean is(String query, String... names) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            for (int n = 0; n < names.length; n++) {
                statement.setString(n + 1, names[n]);
            }
            ResultSet row = statement.executeQuery();
            row.next();
            return row.getBoolean(1);
        }
    }

    static String renaming(TableId from, TableId to) {
        return Sql.table(from) + " TO " + Sql.table(to);
    }
}
