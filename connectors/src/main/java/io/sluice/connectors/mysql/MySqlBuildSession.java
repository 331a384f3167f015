package io.sluice.connectors.mysql;

import io.sluice.connectors.spi.Build;
import io.sluice.connectors.spi.BuildSession;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.SecondaryObject.Kind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Builds over a connection that the pipeline's next claim ends. The server makes an index whole or
 * not at all. Foreign keys are taken for kept, as they are on the source: to check them it would
 * copy the whole table.
 */
final class MySqlBuildSession implements BuildSession {

    private static final String INDEX =
            """
            SELECT 1 FROM information_schema.STATISTICS
            WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND INDEX_NAME = ? LIMIT 1
            """;

    private static final String FOREIGN_KEY =
            """
            SELECT 1 FROM information_schema.TABLE_CONSTRAINTS
            WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND CONSTRAINT_NAME = ?
              AND CONSTRAINT_TYPE = 'FOREIGN KEY'
            """;

    /** The server's longest. */
    private static final int YEAR_SECONDS = 31_536_000;

    private final MySqlConnections connections;
    private final Connection connection;

    MySqlBuildSession(MySqlConnections connections, String pipeline) {
        this.connections = connections;
        connection = connections.open(SessionNames.apply(pipeline));
        try {
            // It takes as long as it takes.
            connection.setNetworkTimeout(Runnable::run, 0);
            run(
                    "SET SESSION foreign_key_checks = 0, lock_wait_timeout = %d, wait_timeout = %d"
                            .formatted(YEAR_SECONDS, YEAR_SECONDS));
        } catch (SQLException e) {
            connections.release(connection);
            throw MySqlErrors.failure(connections.name() + ": connecting", e);
        }
    }

    @Override
    public void build(Build build) {
        try {
            if (!stands(build)) {
                run(build.statement());
            }
        } catch (SQLException e) {
            if (isMadeMeanwhile(build)) {
                return;
            }
            throw new ConnectorException(
                    MySqlErrors.classify(e),
                    "%s: making the %s failed: %s"
                            .formatted(connections.name(), build.text(), MySqlErrors.reason(e)),
                    MySqlErrors.cause(e));
        }
    }

    /** By another gateway. */
    private boolean isMadeMeanwhile(Build build) {
        try {
            return stands(build);
        } catch (SQLException e) {
            return false;
        }
    }

    private boolean stands(Build build) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        build.kind() == Kind.FOREIGN_KEY ? FOREIGN_KEY : INDEX)) {
            statement.setString(1, build.table().schema());
            statement.setString(2, build.table().name());
            statement.setString(3, build.name());
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        }
    }

    private void run(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() {
        connections.cut(connection);
    }
}
