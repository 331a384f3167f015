package io.sluice.connectors.mysql;

import com.mysql.cj.jdbc.exceptions.PacketTooBigException;
import io.sluice.change.BinlogPosition;
import io.sluice.change.SourcePosition;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.SnapshotReader;
import io.sluice.connectors.spi.TableDefinition;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The moment in which a transaction of one connection sees the tables. MySQL cannot lend a moment
 * to other connections, so {@link #read} reads on that one: callers of several threads wait for
 * each other, and tables are read one after the other.
 *
 * <p>A read that is broken off ends the moment, because the server could not be stopped otherwise
 * from sending the rest; reads that follow fail as RETRY, for a new start.
 */
final class MySqlSnapshot implements SnapshotReader {

    /** A scan may pass over many deleted rows before it finds the first to send. */
    private static final Duration LONGEST_SILENCE = Duration.ofMinutes(5);

    private final MySqlConnections connections;
    private final Connection connection;
    private final BinlogPosition position;
    private final ReentrantLock turn = new ReentrantLock();
    private volatile boolean ended;

    MySqlSnapshot(MySqlConnections connections, Connection connection, BinlogPosition position) {
        this.connections = connections;
        this.connection = connection;
        this.position = position;
    }

    @Override
    public SourcePosition position() {
        return position;
    }

    @Override
    public void read(TableDefinition table, List<String> columns, LineReceiver receiver) {
        List<ColumnDefinition> wanted =
                columns.stream().map(column -> column(table, column)).toList();
        turn.lock();
        boolean whole = false;
        try {
            if (ended) {
                throw new ConnectorException(
                        ErrorClass.RETRY,
                        "%s: the snapshot at %s ended with the connection that held it"
                                .formatted(connections.name(), position));
            }
            connections.limitWaits(connection, LONGEST_SILENCE);
            stream(table, wanted, receiver);
            whole = true;
        } catch (SQLException e) {
            throw failure(table, e);
        } finally {
            if (!whole) {
                close();
            }
            turn.unlock();
        }
    }

    private void stream(
            TableDefinition table, List<ColumnDefinition> columns, LineReceiver receiver)
            throws SQLException {
        CopyLine line = new CopyLine(columns);
        Statement statement =
                connection.createStatement(ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY);
        // To the driver this means: one row at a time, as the server sends them.
        statement.setFetchSize(Integer.MIN_VALUE);
        ResultSet rows =
                statement.executeQuery(
                        "SELECT %s FROM %s"
                                .formatted(line.expressions(), Sql.table(table.table())));
        while (rows.next()) {
            receiver.line(line.of(rows));
        }
        // Not closed where it failed: that would read what is left of the table.
        rows.close();
        statement.close();
    }

    private ConnectorException failure(TableDefinition table, SQLException e) {
        String step = "%s: copying %s".formatted(connections.name(), table.table());
        if (e instanceof PacketTooBigException) {
            return new ConnectorException(
                    ErrorClass.FATAL,
                    step
                            + " failed: a row is larger than max_allowed_packet. Raise it on the"
                            + " server: SET PERSIST max_allowed_packet = 1073741824;",
                    e);
        }
        return MySqlErrors.failure(step, e);
    }

    private static ColumnDefinition column(TableDefinition table, String name) {
        return table.columns().stream()
                .filter(column -> column.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new ConnectorException(
                                        ErrorClass.FATAL,
                                        "%s has no column %s".formatted(table.table(), name)));
    }

    @Override
    public void close() {
        ended = true;
        try {
            // Cutting the connection is the quickest way out of an unfinished read.
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            // It is gone either way.
        }
        connections.release(connection);
    }
}
