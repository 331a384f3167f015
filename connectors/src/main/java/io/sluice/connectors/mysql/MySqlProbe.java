package io.sluice.connectors.mysql;

import io.sluice.connectors.spi.SourceProbe;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Connects when it is first asked, and anew after an error. Used by one thread. */
final class MySqlProbe implements SourceProbe {

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

    /** The moment of the call, which NOW() would not be in a session that fixes its clock. */
    private static final String CLOCK =
            "SELECT CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED)";

    private static final String KEPT = "SELECT @@GLOBAL.binlog_expire_logs_seconds";

    /** The whole log is read, so that there is no selection that could have changed. */
    private static final String WHOLE_LOG = "binlog";

    private final MySqlConnections connections;
    private final String application;
    private @Nullable Connection current;
    private Optional<Duration> kept = Optional.empty();

    MySqlProbe(MySqlConnections connections, String application) {
        this.connections = connections;
        this.application = application;
    }

    @Override
    public Reading read() {
        try {
            Connection connection = connection();
            return new Reading(
                    clock(connection),
                    BinaryLog.end(connections.name(), connection),
                    -1,
                    WHOLE_LOG);
        } catch (SQLException e) {
            close();
            throw MySqlErrors.failure(connections.name() + ": asking for clock and position", e);
        }
    }

    @Override
    public Optional<Duration> keepsLogFor() {
        return kept;
    }

    /** Nothing is written to a source: each of its transactions moves the position by itself. */
    @Override
    public void heartbeat() {}

    @Override
    public void close() {
        Connection connection = current;
        current = null;
        if (connection != null) {
            connections.release(connection);
        }
    }

    private static Instant clock(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(CLOCK)) {
            row.next();
            return Instant.EPOCH.plus(row.getLong(1), ChronoUnit.MICROS);
        }
    }

    /** Asked once for each connection: whoever changes it has time. */
    private static Optional<Duration> kept(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(KEPT)) {
            row.next();
            long seconds = row.getLong(1);
            return seconds == 0 ? Optional.empty() : Optional.of(Duration.ofSeconds(seconds));
        }
    }

    private Connection connection() throws SQLException {
        Connection connection = current;
        if (connection == null) {
            connection = connections.open(application);
            current = connection;
            connection.setNetworkTimeout(Runnable::run, Math.toIntExact(LONGEST_WAIT.toMillis()));
            kept = kept(connection);
        }
        return connection;
    }
}
