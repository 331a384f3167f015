package io.sluice.connectors.postgres;

import io.sluice.change.TableId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/** Which tables refer to which. */
final class ForeignKeys {

    private static final String REFERRED =
            """
            SELECT EXISTS (
              SELECT FROM pg_constraint, (SELECT ?::regclass[]::oid[]) AS emptied (tables)
              WHERE contype = 'f' AND confrelid = ANY (tables) AND conrelid <> ALL (tables))
            """;

    private ForeignKeys() {}

    /** Whether a table that is not among them has a foreign key to one of them. */
    static boolean reach(Connection connection, List<TableId> tables) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(REFERRED)) {
            statement.setArray(
                    1, connection.createArrayOf("text", tables.stream().map(Sql::table).toArray()));
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }
}
