package io.sluice.connectors.mysql;

import com.mysql.cj.jdbc.exceptions.PacketTooBigException;
import io.sluice.change.BinlogPosition;
import io.sluice.change.SourcePosition;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.CopyFormat;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.SiteSnapshot;
import io.sluice.connectors.spi.SnapshotReader;
import io.sluice.connectors.spi.TableDefinition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The moment in which a transaction of each of some connections sees the tables. MySQL cannot lend
 * a moment to other connections, so as many can read at once as took part in it.
 *
 * <p>A read that is broken off ends the moment, because the server could not be stopped otherwise
 * from sending the rest; reads that follow fail as RETRY, for a new start.
 */
final class MySqlSnapshot implements SnapshotReader {

    /** A scan may pass over many deleted rows before it finds the first to send. */
    private static final Duration LONGEST_SILENCE = Duration.ofMinutes(5);

    private final MySqlConnections connections;
    private final List<Connection> all;
    private final BlockingQueue<Connection> free;
    private final Optional<Connection> apart;
    private final int readers;
    private final BinlogPosition position;
    private volatile boolean ended;

    /**
     * @param all first those that read rows; one more, where there is one, is for what a site keeps
     */
    MySqlSnapshot(
            MySqlConnections connections,
            List<Connection> all,
            int readers,
            BinlogPosition position) {
        this.connections = connections;
        this.all = List.copyOf(all);
        this.readers = readers;
        this.position = position;
        free = new ArrayBlockingQueue<>(readers, true, all.subList(0, readers));
        apart = all.size() > readers ? Optional.of(all.getLast()) : Optional.empty();
    }

    @Override
    public SourcePosition position() {
        return position;
    }

    @Override
    public int readers() {
        return readers;
    }

    @Override
    public String layout(TableDefinition table) {
        return KeyRanges.layout(table);
    }

    @Override
    public Cut cut(TableDefinition table, long chunkBytes) {
        return onAny(
                "looking at the size of " + table.table(),
                connection -> KeyRanges.cut(connection, table, chunkBytes));
    }

    @Override
    public long read(
            TableDefinition table,
            List<String> columns,
            String range,
            CopyFormat format,
            Receiver receiver) {
        if (format != CopyFormat.TEXT) {
            throw new IllegalArgumentException("MySQL's rows are sent as text");
        }
        List<ColumnDefinition> wanted =
                columns.stream().map(column -> column(table, column)).toList();
        return onAny(
                "copying " + table.table(),
                connection -> {
                    connections.limitWaits(connection, LONGEST_SILENCE);
                    return stream(connection, table, wanted, range, receiver);
                });
    }

    @Override
    public Optional<SiteSnapshot> site() {
        return apart.map(connection -> new MySqlSiteSnapshot(connections.name(), connection));
    }

    private <T> T onAny(String step, MySqlConnections.Work<T> work) {
        Connection connection = take();
        boolean whole = false;
        try {
            T result = work.on(connection);
            whole = true;
            return result;
        } catch (UnfitValueException e) {
            throw new ConnectorException(
                    ErrorClass.ROW,
                    "%s: %s failed: %s".formatted(connections.name(), step, e.getMessage()),
                    e);
        } catch (SQLException e) {
            throw failure(step, e);
        } finally {
            if (whole) {
                free.add(connection);
            } else {
                close();
            }
        }
    }

    private Connection take() {
        try {
            Connection connection = null;
            while (connection == null && !ended) {
                connection = free.poll(100, TimeUnit.MILLISECONDS);
            }
            if (connection != null && !ended) {
                return connection;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new ConnectorException(
                ErrorClass.RETRY,
                "%s: the snapshot at %s ended with the connection that held it"
                        .formatted(connections.name(), position));
    }

    private static long stream(
            Connection connection,
            TableDefinition table,
            List<ColumnDefinition> columns,
            String range,
            Receiver receiver)
            throws SQLException {
        CopyLine line = new CopyLine(columns);
        KeyRanges.Bounds bounds = KeyRanges.bounds(table, range);
        PreparedStatement statement =
                connection.prepareStatement(
                        "SELECT %s FROM %s%s"
                                .formatted(
                                        line.expressions(),
                                        Sql.table(table.table()),
                                        bounds.condition()),
                        ResultSet.TYPE_FORWARD_ONLY,
                        ResultSet.CONCUR_READ_ONLY);
        // To the driver this means: one row at a time, as the server sends them.
        statement.setFetchSize(Integer.MIN_VALUE);
        bounds.bind(statement);
        ResultSet rows = statement.executeQuery();
        long read = 0;
        while (rows.next()) {
            receiver.take(line.of(rows));
            read++;
        }
        // Not closed where it failed: that would read what is left of the table.
        rows.close();
        statement.close();
        return read;
    }

    private ConnectorException failure(String what, SQLException e) {
        String step = connections.name() + ": " + what;
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
        for (Connection connection : all) {
            try {
                // Cutting the connection is the quickest way out of an unfinished read.
                connection.abort(Runnable::run);
            } catch (SQLException e) {
                // It is gone either way.
            }
            connections.release(connection);
        }
    }
}
