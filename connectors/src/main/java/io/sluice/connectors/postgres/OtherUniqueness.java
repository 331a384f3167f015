package io.sluice.connectors.postgres;

import io.sluice.change.TableId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/**
 * Finds tables with unique or exclusion constraints that are no list of columns, checked at once.
 */
final class OtherUniqueness {

    private static final String QUERY =
            """
            SELECT DISTINCT n.nspname, c.relname
            FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
              JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE i.indisunique
                AND (i.indpred IS NOT NULL OR i.indexprs IS NOT NULL OR NOT i.indimmediate)
              OR i.indisexclusion
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
