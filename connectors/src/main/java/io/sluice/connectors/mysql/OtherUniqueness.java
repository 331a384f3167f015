package io.sluice.connectors.mysql;

import io.sluice.change.TableId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/** Finds tables with unique indexes over expressions or the beginnings of values. */
final class OtherUniqueness {

    private static final String QUERY =
            """
            SELECT DISTINCT TABLE_SCHEMA, TABLE_NAME FROM information_schema.STATISTICS
            WHERE NON_UNIQUE = 0 AND (COLUMN_NAME IS NULL OR SUB_PART IS NOT NULL)
            """;

    private OtherUniqueness() {}

    static Set<TableId> among(Connection connection, Collection<TableId> tables)
            throws SQLException {
        Set<TableId> found = new HashSet<>();
        try (PreparedStatement statement = connection.prepareStatement(QUERY)) {
            ResultSet row = statement.executeQuery();
            while (row.next()) {
                found.add(new TableId(row.getString(1), row.getString(2)));
            }
        }
        found.retainAll(tables);
        return found;
    }
}
