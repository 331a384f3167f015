package io.sluice.connectors.postgres;

import io.sluice.connectors.spi.Build;
import io.sluice.connectors.spi.BuildSession;
import io.sluice.connectors.spi.SecondaryObject.Kind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Builds over a connection in autocommit, which the pipeline's next claim ends. */
final class PostgresBuildSession implements BuildSession {

    /** Whether it stands, and whether it is whole. */
    private static final String INDEX =
            """
            SELECT x.indisvalid AND x.indisready
            FROM pg_class i JOIN pg_index x ON x.indexrelid = i.oid
            WHERE x.indrelid = to_regclass(?) AND i.relname = ?
            """;

    private static final String CONSTRAINT =
            """
            SELECT true FROM pg_constraint
            WHERE conrelid = to_regclass(?) AND conname = ? AND contype::text = ANY (?::text[])
            """;

    private final PostgresConnections connections;
    private final Connection connection;

    PostgresBuildSession(PostgresConnections connections, String pipeline) {
        this.connections = connections;
        connection = connections.open(LogNames.applySession(pipeline));
        try {
            // It takes as long as it takes.
            connection.setNetworkTimeout(Runnable::run, 0);
        } catch (SQLException e) {
            connections.release(connection);
            throw PostgresErrors.failure(connections.name() + ": connecting", e);
        }
    }

    @Override
    public void build(Build build) {
        try {
            switch (state(build)) {
                case WHOLE -> {}
                case BROKEN ->
                        run(
                                "REINDEX INDEX %s.%s"
                                        .formatted(
                                                Sql.identifier(build.table().schema()),
                                                Sql.identifier(build.name())));
                case MISSING -> run(build.statement());
            }
        } catch (SQLException e) {
            if (isMadeMeanwhile(build)) {
                return;
            }
            throw PostgresErrors.failure(
                    "%s: making the %s".formatted(connections.name(), build.text()), e);
        }
    }

    /** By another gateway. */
    private boolean isMadeMeanwhile(Build build) {
        try {
            return state(build) == Standing.WHOLE;
        } catch (SQLException e) {
            return false;
        }
    }

    private enum Standing {
        MISSING,
        BROKEN,
        WHOLE
    }

    private Standing state(Build build) throws SQLException {
        boolean index = build.kind() == Kind.INDEX || build.kind() == Kind.UNIQUE_INDEX;
        try (PreparedStatement statement =
                connection.prepareStatement(index ? INDEX : CONSTRAINT)) {
            statement.setString(1, Sql.table(build.table()));
            statement.setString(2, build.name());
            if (!index) {
                statement.setString(3, build.kind() == Kind.FOREIGN_KEY ? "{f}" : "{u,x}");
            }
            ResultSet row = statement.executeQuery();
            return !row.next()
                    ? Standing.MISSING
                    : row.getBoolean(1) ? Standing.WHOLE : Standing.BROKEN;
        }
    }

    private void run(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(sql);
        }
    }

    @Override
    public void close() {
        connections.cut(connection);
    }
}
