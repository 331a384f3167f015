package io.sluice.connectors.postgres;

import io.sluice.change.Lsn;
import io.sluice.change.SourcePosition;
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
import java.sql.Statement;
import java.time.Duration;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * The moment at which a slot was created. It lasts as long as the replication connection that
 * created the slot does nothing else, so that connection is held and left alone.
 */
final class PostgresSnapshot implements SnapshotReader {

    /** A scan may pass over many dead rows before it finds the first to send. */
    private static final Duration LONGEST_SILENCE = Duration.ofMinutes(5);

    /** Of a server's room for locks, which is shared by all its sessions. */
    private static final int MOST_LOCKS = 2_000;

    /**
     * Of the tables locked in this transaction: those whose file is another one now than in the
     * snapshot. The catalog is read as of the snapshot, the function looks at the present.
     */
    private static final String REWRITTEN =
            """
            SELECT c.oid::regclass::text
            FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
            WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND c.relkind = 'r'
              AND c.relfilenode <> 0 AND pg_relation_filenode(c.oid) IS DISTINCT FROM c.relfilenode
            LIMIT 1
            """;

    /** The same of one table and its partitions: a look at all locks for each of many is slow. */
    private static final String ONE_REWRITTEN =
            """
            SELECT c.oid::regclass::text
            FROM (SELECT ?::regclass::oid AS oid
                  UNION SELECT relid FROM pg_partition_tree(?::regclass)) t
              JOIN pg_class c ON c.oid = t.oid
            WHERE c.relkind = 'r' AND c.relfilenode <> 0
              AND pg_relation_filenode(c.oid) IS DISTINCT FROM c.relfilenode
            LIMIT 1
            """;

    private final PostgresConnections connections;
    private final String application;
    private final Connection holder;
    private final Lsn position;
    private final String snapshot;
    private final int readers;

    // In a transaction of the snapshot each; the tables' holder is not among the idle.
    private final Set<Connection> entered = ConcurrentHashMap.newKeySet();
    private final Deque<Connection> idle = new ConcurrentLinkedDeque<>();
    private final ReentrantLock cutting = new ReentrantLock();
    private @Nullable Connection tablesHolder;
    private volatile List<TableDefinition> held = List.of();

    PostgresSnapshot(
            PostgresConnections connections,
            String application,
            Connection holder,
            Lsn position,
            String snapshot,
            int readers) {
        this.connections = connections;
        this.application = application;
        this.holder = holder;
        this.position = position;
        this.snapshot = snapshot;
        this.readers = readers;
    }

    /**
     * Keeps the tables from being emptied or rewritten until they are copied. {@code TRUNCATE} is
     * not undone for older snapshots: what it emptied after this snapshot's moment would be copied
     * as empty, and the changes in between would find no rows.
     *
     * @throws ConnectorException RETRY if that has happened already
     */
    void hold(List<TableDefinition> tables) {
        Connection connection = open();
        try (Statement statement = connection.createStatement()) {
            lock(statement, tables);
        } catch (SQLException e) {
            throw PostgresErrors.failure(connections.name() + ": holding the tables to copy", e);
        }
        tablesHolder = connection;
        if ((long) tables.size() * readers <= MOST_LOCKS) {
            held = List.copyOf(tables);
        }
    }

    private void lock(Statement statement, List<TableDefinition> tables) throws SQLException {
        statement.execute("SET LOCAL lock_timeout = '30s'");
        for (TableDefinition table : tables) {
            statement.execute(
                    "LOCK TABLE %s%s IN ACCESS SHARE MODE"
                            .formatted(
                                    table.partitioned() ? "" : "ONLY ", Sql.table(table.table())));
        }
        try (PreparedStatement look = lookForRewritten(statement, tables);
                ResultSet row = look.executeQuery()) {
            if (row.next()) {
                throw new ConnectorException(
                        ErrorClass.RETRY,
                        "%s: %s was emptied or rewritten before it was copied"
                                .formatted(connections.name(), row.getString(1)));
            }
        }
    }

    private static PreparedStatement lookForRewritten(
            Statement statement, List<TableDefinition> tables) throws SQLException {
        Connection connection = statement.getConnection();
        if (tables.size() != 1) {
            return connection.prepareStatement(REWRITTEN);
        }
        PreparedStatement look = connection.prepareStatement(ONE_REWRITTEN);
        look.setString(1, Sql.table(tables.getFirst().table()));
        look.setString(2, Sql.table(tables.getFirst().table()));
        return look;
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
        return cut(table, Long.MAX_VALUE).layout();
    }

    @Override
    public Cut cut(TableDefinition table, long chunkBytes) {
        cutting.lock();
        try {
            return TableCut.of(Objects.requireNonNull(tablesHolder), table, chunkBytes);
        } catch (SQLException e) {
            throw PostgresErrors.failure(
                    "%s: looking at the size of %s".formatted(connections.name(), table.table()),
                    e);
        } finally {
            cutting.unlock();
        }
    }

    @Override
    public long read(
            TableDefinition table,
            List<String> columns,
            String range,
            CopyFormat format,
            Receiver receiver) {
        Connection pooled = idle.poll();
        Connection connection = pooled == null ? openToRead() : pooled;
        boolean whole = false;
        try {
            try (Statement statement = connection.createStatement()) {
                // Once more: the connection that holds all tables may have been ended since.
                lock(statement, List.of(table));
            }
            String rows = TableCut.rows(connection, table, Sql.identifiers(columns), range);
            CopyOut copy =
                    connection
                            .unwrap(PGConnection.class)
                            .getCopyAPI()
                            .copyOut("COPY " + rows + " TO STDOUT" + Sql.copyOptions(format));
            // One message is one line of text, or one row and what stands around it.
            byte[] message = copy.readFromCopy();
            while (message != null) {
                receiver.take(message);
                message = copy.readFromCopy();
            }
            whole = true;
            return copy.getHandledRowCount();
        } catch (SQLException e) {
            throw PostgresErrors.failure(
                    "%s: copying %s".formatted(connections.name(), table.table()), e);
        } finally {
            if (whole) {
                idle.push(connection);
            } else {
                entered.remove(connection);
                abandon(connection);
                connections.release(connection);
            }
        }
    }

    @Override
    public Optional<SiteSnapshot> site() {
        return Optional.of(new PostgresSiteSnapshot(connections.name(), open()));
    }

    @Override
    public void close() {
        entered.forEach(
                connection -> {
                    abandon(connection);
                    connections.release(connection);
                });
        entered.clear();
        connections.release(holder);
    }

    /**
     * A reader locks all tables at once: later it would wait behind an {@code ALTER TABLE} that
     * waits for the other readers.
     */
    private Connection openToRead() {
        Connection connection = open();
        try (Statement statement = connection.createStatement()) {
            lock(statement, held);
            return connection;
        } catch (SQLException e) {
            throw PostgresErrors.failure(connections.name() + ": holding the tables to copy", e);
        }
    }

    /** A connection in a transaction that sees the moment. */
    private Connection open() {
        Connection connection = connections.open(application);
        entered.add(connection);
        try {
            connections.limitWaits(connection, LONGEST_SILENCE);
            try (Statement statement = connection.createStatement()) {
                // A server's own limit would let go of the tables in the middle of the copy.
                statement.execute("SET idle_in_transaction_session_timeout = 0");
            }
            connection.setAutoCommit(false);
            enter(connection);
            return connection;
        } catch (SQLException e) {
            throw PostgresErrors.failure(connections.name() + ": entering the snapshot", e);
        }
    }

    private void enter(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
            try {
                statement.execute("SET TRANSACTION SNAPSHOT " + Sql.literal(snapshot));
            } catch (SQLException e) {
                String state = e.getSQLState();
                if ("22023".equals(state) || "42704".equals(state)) {
                    throw new ConnectorException(
                            ErrorClass.RETRY,
                            "%s: the snapshot at %s ended with the connection that held it"
                                    .formatted(connections.name(), position),
                            e);
                }
                throw e;
            }
        }
    }

    /** Cutting the connection is the quickest way out of an unfinished copy. */
    private static void abandon(Connection connection) {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            // It is gone either way.
        }
    }
}
