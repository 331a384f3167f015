package io.sluice.connectors.postgres;

import io.sluice.change.Lsn;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.SnapshotReader;
import io.sluice.connectors.spi.TableDefinition;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * A snapshot of now without a replication slot: that of a transaction which lends it to others for
 * as long as it lasts. It needs no more than the right to read the tables.
 *
 * <p>Its position is read before the snapshot is taken, so it is one that the snapshot covers but
 * for what is committing just then; nothing is ever read from the log there.
 */
final class PresentMoment {

    private static final String POSITION =
            "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()"
                    + " ELSE pg_current_wal_flush_lsn() END::text";

    private PresentMoment() {}

    static SnapshotReader hold(
            PostgresConnections connections,
            String application,
            List<TableDefinition> tables,
            int readers) {
        Connection holder = connections.open(application);
        try {
            Lsn position;
            String snapshot;
            try (Statement statement = holder.createStatement()) {
                statement.execute("SET idle_in_transaction_session_timeout = 0");
                position = Lsn.parse(text(statement, POSITION));
                holder.setAutoCommit(false);
                statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
                snapshot = text(statement, "SELECT pg_export_snapshot()");
            }
            PostgresSnapshot held =
                    new PostgresSnapshot(
                            connections, application, holder, position, snapshot, readers);
            try {
                held.hold(tables);
                return held;
            } catch (ConnectorException e) {
                held.close();
                throw e;
            }
        } catch (SQLException e) {
            connections.release(holder);
            throw PostgresErrors.failure(connections.name() + ": taking a snapshot", e);
        }
    }

    private static String text(Statement statement, String query) throws SQLException {
        try (ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }
}
