package io.sluice.connectors.mysql;

import io.sluice.change.BinlogPosition;
import io.sluice.change.GtidSet;
import io.sluice.change.SourcePosition;
import io.sluice.connectors.spi.SourceProbe;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
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

    private static final Duration LONGEST_COMMIT = Duration.ofSeconds(30);

    private final MySqlConnections connections;
    private final String application;
    private final @Nullable String applier;
    private @Nullable Connection current;
    private Optional<Duration> kept = Optional.empty();

    /**
     * @param applier a pipeline whose transactions readers of the server's log leave out; null
     *     where the server is no site
     */
    MySqlProbe(MySqlConnections connections, String application, @Nullable String applier) {
        this.connections = connections;
        this.application = application;
        this.applier = applier;
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

    /**
     * A commit is in the log before it lets its locks go, and only then its GTID goes from those
     * that are owned to those that are executed. So where none is owned, those that are executed
     * are all. Otherwise a transaction of our own is committed: where commits keep the log's order,
     * what is executed after it has all that was in the log before. What is merely owned does not
     * tell, for a replica's own applier owns its GTID from the beginning of a transaction on, and
     * may be waiting for the very locks of whoever asks here.
     */
    @Override
    public SourcePosition horizon() {
        try {
            Connection connection = connection();
            GtidSet underWay = BinaryLog.underWay(connection);
            BinlogPosition end = BinaryLog.end(connections.name(), connection);
            if (end.gtids() == null || underWay.isEmpty()) {
                return end;
            }
            pass(connection);
            BinlogPosition past = BinaryLog.end(connections.name(), connection);
            GtidSet executed = past.gtids();
            return executed == null || BinaryLog.ordersCommits(connection)
                    ? past
                    : new BinlogPosition(past.file(), past.offset(), executed.plus(underWay));
        } catch (SQLException e) {
            close();
            throw MySqlErrors.failure(connections.name() + ": asking for the log's end", e);
        }
    }

    /** A commit may wait for a replica. */
    private void pass(Connection connection) throws SQLException {
        connection.setNetworkTimeout(Runnable::run, Math.toIntExact(LONGEST_COMMIT.toMillis()));
        SessionMark.pass(
                connection,
                Objects.requireNonNull(applier, "the server is not one of several sites"));
        connection.setNetworkTimeout(Runnable::run, Math.toIntExact(LONGEST_WAIT.toMillis()));
    }

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
