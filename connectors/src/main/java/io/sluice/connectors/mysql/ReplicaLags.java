package io.sluice.connectors.mysql;

import io.sluice.connectors.spi.ReplicaLag;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;

/**
 * Asks a server that is a replica itself how far it is behind. One that has replicas knows nothing
 * of theirs.
 */
final class ReplicaLags {

    private static final int SYNTAX_ERROR = 1064;

    private ReplicaLags() {}

    static Optional<ReplicaLag> furthest(Connection connection) throws SQLException {
        try {
            return furthest(connection, "SHOW REPLICA STATUS", "Seconds_Behind_Source");
        } catch (SQLException e) {
            if (e.getErrorCode() != SYNTAX_ERROR) {
                throw e;
            }
            // Before 8.0.22.
            return furthest(connection, "SHOW SLAVE STATUS", "Seconds_Behind_Master");
        }
    }

    private static Optional<ReplicaLag> furthest(Connection connection, String query, String column)
            throws SQLException {
        long most = -1;
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            while (row.next()) {
                long seconds = row.getLong(column);
                // NULL of a replica that does not run, which waiting would not mend.
                most = Math.max(most, row.wasNull() ? -1 : seconds);
            }
        }
        return most < 0
                ? Optional.empty()
                : Optional.of(new ReplicaLag("the source itself", Duration.ofSeconds(most)));
    }
}
