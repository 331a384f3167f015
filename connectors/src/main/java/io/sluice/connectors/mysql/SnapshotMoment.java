package io.sluice.connectors.mysql;

import io.sluice.change.BinlogPosition;
import io.sluice.change.TableId;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.TableDefinition;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds a moment whose place in the binary log is known exactly: a transaction that sees all that
 * is before the place and nothing that is behind it. Used once, by one thread.
 *
 * <p>The way that always comes to an end: a second connection holds {@code LOCK TABLES … READ} on
 * the tables that are copied while the transaction begins and the place is read. The lock waits for
 * every transaction that has written one of them, and a transaction lets go of its tables only
 * after it is committed and in the log; so nobody is in between. Writers wait for as long as that
 * takes, so the lock gives up after some seconds and lets them through for as long before it tries
 * again.
 *
 * <p>Where the role may not lock tables, and the server has GTIDs, the moment is waited for: the
 * log's end is read, no transaction is between its place in the log and its commit ({@code
 * gtid_owned} is empty), the snapshot is taken, and the log's end is still the same. Without GTIDs
 * the server does not tell the second of these, and the moment cannot be proven. Nor may a
 * distributed transaction be prepared then: its changes stand before the place in the log, and the
 * snapshot does not see them. The lock waits for such a one by itself.
 *
 * <p>The transaction then touches every table, which keeps {@code ALTER} and {@code TRUNCATE} out
 * until it ends: neither leaves the old rows to older transactions. Where several connections are
 * to read, each begins a transaction in the same moment; the first keeps the tables for all.
 */
final class SnapshotMoment {

    private static final Logger LOG = LoggerFactory.getLogger(SnapshotMoment.class);

    /** A fiftieth of a second apart. */
    private static final int QUIET_ATTEMPTS = 200;

    private static final int DEFINITION_CHANGED = 1412;

    /** The session of the copy: it may wait for the target for as long as that takes. */
    private static final String SETTINGS =
            "SET SESSION transaction_isolation = 'REPEATABLE-READ', lock_wait_timeout = %d,"
                    + " wait_timeout = 31536000, net_write_timeout = 31536000, max_execution_time = 0,"
                    + " sql_quote_show_create = 1, character_set_results = utf8mb4";

    private static final String BEGIN = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";

    private static final String WRITERS =
            """
            SELECT m.object_schema, m.object_name, t.processlist_id, t.processlist_user,
              t.processlist_host, t.processlist_time
            FROM performance_schema.metadata_locks m
            JOIN performance_schema.threads t ON t.thread_id = m.owner_thread_id
            WHERE m.object_type = 'TABLE' AND m.lock_status = 'GRANTED'
              AND m.lock_type NOT IN ('SHARED', 'SHARED_HIGH_PRIO', 'SHARED_READ',
                'SHARED_READ_ONLY', 'INTENTION_EXCLUSIVE')
              AND t.processlist_id <> CONNECTION_ID()
            ORDER BY t.processlist_time DESC
            """;

    private final MySqlConnections connections;
    private final String application;
    private final List<TableDefinition> tables;
    private final int readers;
    private final boolean site;
    private final Patience patience;

    /**
     * @param lockSeconds how long a lock is waited for, and how long writers go before it is tried
     *     again
     * @param attempts how often it is tried
     */
    record Patience(int lockSeconds, int attempts) {
        static final Patience DEFAULT = new Patience(5, 6);
    }

    /**
     * @param schemaRecords what the log's reader has to know of the tables at the moment
     */
    record Moment(MySqlSnapshot snapshot, List<String> schemaRecords) {}

    /**
     * @param site whether what a site keeps beside its rows is to be asked for as well
     */
    SnapshotMoment(
            MySqlConnections connections,
            String application,
            List<TableDefinition> tables,
            int readers,
            boolean site,
            Patience patience) {
        this.connections = connections;
        this.application = application;
        this.tables = tables;
        this.readers = Math.max(1, readers);
        this.site = site;
        this.patience = patience;
    }

    /**
     * @throws ConnectorException RETRY if the tables could not be locked, or were altered meanwhile
     */
    Moment find() {
        List<Connection> opened = new ArrayList<>();
        boolean found = false;
        try {
            while (opened.size() < readers + (site ? 1 : 0)) {
                Connection reader = connections.open(application);
                opened.add(reader);
                execute(reader, SETTINGS.formatted(patience.lockSeconds()));
            }
            BinlogPosition position = begin(opened);
            Connection first = opened.getFirst();
            // Each holds the tables: later it would wait behind an ALTER TABLE that waits for
            // others.
            for (Connection other : opened.subList(1, opened.size())) {
                touch(other, 0);
            }
            List<String> records = FirstSchemaRecords.read(first, names(), position);
            requireUnchanged(first);
            found = true;
            return new Moment(new MySqlSnapshot(connections, opened, readers, position), records);
        } catch (SQLException e) {
            throw MySqlErrors.failure(connections.name() + ": taking a snapshot", e);
        } finally {
            if (!found) {
                opened.forEach(connections::release);
            }
        }
    }

    private BinlogPosition begin(List<Connection> all) throws SQLException {
        if (tables.isEmpty()) {
            executeOn(all, BEGIN);
            return BinaryLog.end(connections.name(), all.getFirst());
        }
        Optional<BinlogPosition> locked = underLock(all);
        return locked.isPresent() ? locked.get() : whenQuiet(all);
    }

    /** Empty if the role may not lock the tables. */
    private Optional<BinlogPosition> underLock(List<Connection> all) throws SQLException {
        Connection reader = all.getFirst();
        Connection locker = connections.open(application);
        try {
            execute(locker, "SET SESSION lock_wait_timeout = " + patience.lockSeconds());
            for (int attempt = 1; attempt <= patience.attempts(); attempt++) {
                try {
                    execute(locker, lockStatement());
                    executeOn(all, BEGIN);
                    touch(reader, 0);
                    BinlogPosition position = BinaryLog.end(connections.name(), reader);
                    execute(locker, "UNLOCK TABLES");
                    return Optional.of(position);
                } catch (SQLException e) {
                    if (SourceRights.isDenied(e)) {
                        return Optional.empty();
                    }
                    if (e.getErrorCode() != MySqlErrors.LOCK_WAIT) {
                        throw e;
                    }
                    executeOn(all, "ROLLBACK");
                    execute(locker, "UNLOCK TABLES");
                    pauseAfter(locker, attempt);
                }
            }
            throw new ConnectorException(
                    ErrorClass.RETRY,
                    "%s: the tables could not be locked for the moment that the snapshot takes: %s"
                            .formatted(connections.name(), writer(locker)));
        } finally {
            connections.release(locker);
        }
    }

    private void pauseAfter(Connection locker, int attempt) throws SQLException {
        LOG.info(
                "{}: the tables could not be locked within {} s (attempt {} of {}): {}.",
                connections.name(),
                patience.lockSeconds(),
                attempt,
                patience.attempts(),
                writer(locker));
        if (attempt < patience.attempts()) {
            execute(locker, "DO SLEEP(" + patience.lockSeconds() + ")");
        }
    }

    private BinlogPosition whenQuiet(List<Connection> all) throws SQLException {
        Connection reader = all.getFirst();
        if (!BinaryLog.usesGtids(reader)) {
            throw new ConnectorException(
                    ErrorClass.FATAL,
                    ("%s: the role may not lock tables, and without GTIDs the place of a snapshot in"
                                    + " the log cannot be had otherwise: %s")
                            .formatted(connections.name(), lockGrant()));
        }
        List<String> prepared = List.of();
        for (int attempt = 1; attempt <= QUIET_ATTEMPTS; attempt++) {
            BinlogPosition before = BinaryLog.end(connections.name(), reader);
            if (!BinaryLog.hasUnderWay(reader)) {
                executeOn(all, BEGIN);
                BinlogPosition after = BinaryLog.end(connections.name(), reader);
                prepared = prepared(reader);
                if (isSamePlace(before, after) && prepared.isEmpty() && touched(reader)) {
                    return after;
                }
                executeOn(all, "ROLLBACK");
            }
            execute(reader, "DO SLEEP(0.02)");
        }
        if (!prepared.isEmpty()) {
            throw new ConnectorException(
                    ErrorClass.RETRY,
                    ("%s: distributed transactions are prepared, and a snapshot would lack what the"
                                    + " log has of them already: %s. End each by XA COMMIT or XA"
                                    + " ROLLBACK; XA RECOVER CONVERT XID shows them")
                            .formatted(connections.name(), String.join(", ", prepared)));
        }
        throw new ConnectorException(
                ErrorClass.RETRY,
                ("%s: the log did not stand still for the moment that a snapshot takes, and the role"
                                + " may not lock tables: %s Or wait for a quieter hour")
                        .formatted(connections.name(), lockGrant()));
    }

    /** The identifiers of the distributed transactions that wait for their outcome. */
    private List<String> prepared(Connection reader) throws SQLException {
        List<String> found = new ArrayList<>();
        try (Statement statement = reader.createStatement();
                ResultSet rows = statement.executeQuery("XA RECOVER CONVERT XID")) {
            while (rows.next()) {
                found.add(rows.getString(4));
            }
            return found;
        } catch (SQLException e) {
            if (!SourceRights.mayNotRecover(e)) {
                throw e;
            }
            throw new ConnectorException(
                    ErrorClass.FATAL,
                    ("%s: the role may neither lock tables nor see prepared transactions, which a"
                                    + " snapshot could lack: %s Or: GRANT XA_RECOVER_ADMIN ON *.* TO %s;")
                            .formatted(
                                    connections.name(),
                                    lockGrant(),
                                    Sql.identifier(connections.address().username())));
        }
    }

    private static boolean isSamePlace(BinlogPosition one, BinlogPosition other) {
        return one.file().equals(other.file()) && one.offset() == other.offset();
    }

    /** False if a table was altered or emptied after the snapshot was taken. */
    private boolean touched(Connection reader) throws SQLException {
        try {
            touch(reader, 1);
            return true;
        } catch (SQLException e) {
            if (e.getErrorCode() == DEFINITION_CHANGED
                    || e.getErrorCode() == MySqlErrors.LOCK_WAIT) {
                return false;
            }
            throw e;
        }
    }

    private void touch(Connection reader, int rows) throws SQLException {
        for (TableDefinition table : tables) {
            execute(reader, "SELECT 1 FROM %s LIMIT %d".formatted(Sql.table(table.table()), rows));
        }
    }

    /** The copy goes by definitions that were read before; a column that came since would lack. */
    private void requireUnchanged(Connection reader) throws SQLException {
        Map<TableId, TableDefinition> now =
                MySqlCatalog.tables(reader, names()).stream()
                        .collect(Collectors.toMap(TableDefinition::table, table -> table));
        for (TableDefinition table : tables) {
            TableDefinition current = now.get(table.table());
            if (current == null || !current.columns().equals(table.columns())) {
                throw new ConnectorException(
                        ErrorClass.RETRY,
                        "%s: %s was altered while its copy was being prepared"
                                .formatted(connections.name(), table.table()));
            }
        }
    }

    private String lockStatement() {
        return tables.stream()
                .map(table -> Sql.table(table.table()) + " READ")
                .collect(Collectors.joining(", ", "LOCK TABLES ", ""));
    }

    private String lockGrant() {
        return tables.stream()
                .map(table -> table.table().schema())
                .distinct()
                .map(
                        schema ->
                                "GRANT LOCK TABLES ON %s.* TO %s;"
                                        .formatted(
                                                Sql.identifier(schema),
                                                Sql.identifier(connections.address().username())))
                .collect(Collectors.joining(" "));
    }

    /** Who stands in the way, as far as the role may know. */
    private String writer(Connection connection) {
        List<TableId> wanted = names();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(WRITERS)) {
            while (rows.next()) {
                TableId table = new TableId(rows.getString(1), rows.getString(2));
                if (wanted.contains(table)) {
                    return ("connection %d (%s@%s) has a transaction open that wrote to %s; its"
                                    + " last statement began %d s ago. End it, or: KILL %d;")
                            .formatted(
                                    rows.getLong(3),
                                    rows.getString(4),
                                    rows.getString(5),
                                    table,
                                    rows.getLong(6),
                                    rows.getLong(3));
                }
            }
            return "a transaction has written to one of them and is still open; one that was"
                    + " prepared is shown by XA RECOVER;";
        } catch (SQLException e) {
            return "a transaction has written to one of them and is still open; it is shown by"
                    + " SELECT * FROM performance_schema.metadata_locks, which the role may not read";
        }
    }

    private List<TableId> names() {
        return tables.stream().map(TableDefinition::table).toList();
    }

    private static void executeOn(List<Connection> all, String sql) throws SQLException {
        for (Connection connection : all) {
            execute(connection, sql);
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
