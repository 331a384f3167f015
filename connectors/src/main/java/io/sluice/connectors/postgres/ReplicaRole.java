package io.sluice.connectors.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * {@code session_replication_role = replica}: foreign keys were checked and triggers fired on the
 * source already, so they stay off here. A superuser may set it, or who was granted it.
 */
final class ReplicaRole {

    private ReplicaRole() {}

    /** Sets it for the session, which is in autocommit; returns whether the role may. */
    static boolean assume(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET session_replication_role = replica");
            return true;
        } catch (SQLException e) {
            if ("42501".equals(e.getSQLState())) {
                return false;
            }
            throw e;
        }
    }
}
