package io.sluice.connectors.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Who answers at an address: the cluster's system identifier, which it got when it was initialised,
 * and the number of the database in it. Both survive restarts, renames and moves to another host; a
 * database that was dropped and made anew has another number.
 */
final class SourceIdentity {

    private static final String DATABASE =
            "SELECT oid::text FROM pg_database WHERE datname = current_database()";

    private SourceIdentity() {}

    static String read(PostgresConnections connections, String application) {
        return connections.with(
                application,
                "asking who answers",
                connection ->
                        systemIdentifier(connections, connection, application)
                                + "/"
                                + text(connection, DATABASE));
    }

    private static String systemIdentifier(
            PostgresConnections connections, Connection connection, String application)
            throws SQLException {
        try {
            return text(connection, "SELECT system_identifier::text FROM pg_control_system()");
        } catch (SQLException e) {
            if (!"42501".equals(e.getSQLState())) {
                throw e;
            }
            Connection replication = connections.openReplication(application);
            try {
                return text(replication, "IDENTIFY_SYSTEM");
            } finally {
                connections.release(replication);
            }
        }
    }

    private static String text(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }
}
