package io.sluice.connectors.postgres;

import io.sluice.change.Column;
import io.sluice.change.Row;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.CopyLineReader;
import io.sluice.connectors.spi.DataType;
import io.sluice.connectors.spi.KeyRange;
import io.sluice.connectors.spi.RowLimit;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TableReader;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/** Reads by columns' order with {@code COPY}, whose texts are the values' canonical form. */
final class PostgresTableReader implements TableReader {

    /** Without an index on the order's columns the server sorts the table first. */
    private static final Duration LONGEST_SILENCE = Duration.ofMinutes(30);

    private static final int KEYS_AT_ONCE = 1_000;

    /**
     * Every transaction holds a lock on its own number from its first statement to its end, whether
     * it has written yet or not, and everyone may see these locks. A transaction's changes are
     * visible before the lock is gone. Background workers belong to nobody and write no rows.
     */
    private static final String RUNNING =
            """
            SELECT l.virtualxid, false
            FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
            WHERE l.locktype = 'virtualxid' AND l.mode = 'ExclusiveLock' AND l.granted
              AND l.pid IS DISTINCT FROM pg_backend_pid()
              AND (a.pid IS NULL OR (a.usesysid IS NOT NULL AND a.datid =
                (SELECT oid FROM pg_database WHERE datname = current_database())))
            UNION ALL
            SELECT 'prepared', true FROM pg_prepared_xacts WHERE database = current_database()
            """;

    private static final String CLOCK = "SELECT (extract(epoch FROM now()) * 1000000)::int8";

    /** Nothing replayed yet since the standby's start is as long ago as can be. */
    private static final String STANDBY =
            """
            SELECT pg_is_in_recovery(),
              coalesce((extract(epoch FROM pg_last_xact_replay_timestamp()) * 1000000)::int8, 0)
            """;

    /**
     * Times without a zone are taken to be of the zone that is set for the role in the database,
     * the role or the database; else of the one in which the server writes its own log, which is
     * set beside it. This session's own zone tells nothing: the driver has set it.
     */
    private static final String LOCAL_CLOCK =
            """
            (now() AT TIME ZONE coalesce(
              (SELECT substr(one, 10) FROM pg_db_role_setting s, unnest(s.setconfig) one
                WHERE one ILIKE 'TimeZone=%'
                  AND s.setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = session_user))
                  AND s.setdatabase IN
                    (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
                ORDER BY s.setrole <> 0 AND s.setdatabase <> 0 DESC, s.setrole <> 0 DESC,
                  s.setdatabase <> 0 DESC
                LIMIT 1),
              current_setting('log_timezone')))""";

    private final PostgresConnections connections;
    private final String application;
    private final Map<TableId, Integer> fitting = new HashMap<>();
    private @Nullable Connection current;

    PostgresTableReader(PostgresConnections connections, String application) {
        this.connections = connections;
        this.application = application;
    }

    @Override
    public Sounding sound(TableDefinition table, List<String> order) {
        return on(
                "looking at the end of " + table.table(),
                connection -> {
                    connection.setAutoCommit(false);
                    Instant clock;
                    try (Statement statement = connection.createStatement();
                            ResultSet row = statement.executeQuery(CLOCK)) {
                        row.next();
                        clock = Instant.EPOCH.plus(row.getLong(1), ChronoUnit.MICROS);
                    }
                    List<Object> top = top(connection, table, order);
                    Running running = running(connection);
                    connection.commit();
                    connection.setAutoCommit(true);
                    return new Sounding(clock, top, running);
                });
    }

    private List<Object> top(Connection connection, TableDefinition table, List<String> order)
            throws SQLException {
        KeyRange all = KeyRange.all(order);
        ColumnDefinition cursor = KeyRangeSql.column(table, order.getFirst());
        String name = Sql.identifier(cursor.name());
        String past =
                switch (cursor.dataType()) {
                    case DataType.Moment moment -> " AND " + name + " <= now()";
                    case DataType.DateTime time -> " AND " + name + " <= " + LOCAL_CLOCK;
                    default -> "";
                };
        List<List<Object>> rows =
                values(
                        connection,
                        table,
                        order,
                        "SELECT %s FROM %s WHERE %s%s ORDER BY %s LIMIT 1"
                                .formatted(
                                        Sql.identifiers(order),
                                        KeyRangeSql.rows(table),
                                        KeyRangeSql.condition(table, all),
                                        past,
                                        KeyRangeSql.order(all, " DESC")));
        return rows.isEmpty() ? List.of() : rows.getFirst();
    }

    @Override
    public Running running() {
        return on("looking at running transactions", PostgresTableReader::running);
    }

    private static Running running(Connection connection) throws SQLException {
        Set<String> transactions = new HashSet<>();
        boolean prepared = false;
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(STANDBY)) {
            row.next();
            if (row.getBoolean(1)) {
                return Running.standby(Instant.EPOCH.plus(row.getLong(2), ChronoUnit.MICROS));
            }
        }
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(RUNNING)) {
            while (row.next()) {
                if (row.getBoolean(2)) {
                    prepared = true;
                } else {
                    transactions.add(row.getString(1));
                }
            }
        }
        return new Running(true, transactions, prepared, null);
    }

    @Override
    public Page page(
            TableDefinition table, TableSchema schema, KeyRange range, int most, long mostBytes) {
        List<String> names = schema.columns().stream().map(Column::name).toList();
        int limit = Math.min(most, fitting.getOrDefault(table.table(), most));
        String query =
                "SELECT %s FROM %s WHERE %s ORDER BY %s LIMIT %d"
                        .formatted(
                                Sql.identifiers(names),
                                KeyRangeSql.rows(table),
                                KeyRangeSql.condition(table, range),
                                KeyRangeSql.order(range, ""),
                                limit);
        return on(
                "reading " + table.table(),
                connection -> {
                    List<byte[]> lines = new ArrayList<>();
                    boolean whole = lines(connection, table, query, mostBytes, lines);
                    fit(table.table(), limit, whole, lines, mostBytes);
                    return new Page(lines, whole && lines.size() < limit);
                });
    }

    /** So that a page is seldom cut off by its bytes, which costs a connection. */
    private void fit(TableId table, int limit, boolean whole, List<byte[]> lines, long mostBytes) {
        if (!whole) {
            fitting.put(table, Math.max(1, (int) (lines.size() * 3L / 4)));
        } else if (lines.stream().mapToLong(line -> line.length).sum() < mostBytes / 3) {
            fitting.put(table, (int) Math.min(2L * limit, Integer.MAX_VALUE));
        }
    }

    @Override
    public Optional<List<Row>> find(
            TableDefinition table, TableSchema schema, List<Row> keys, long mostBytes) {
        List<String> names = schema.columns().stream().map(Column::name).toList();
        CopyLineReader reader = new CopyLineReader(schema);
        return on(
                "looking rows of %s up".formatted(table.table()),
                connection -> {
                    List<Row> found = new ArrayList<>();
                    long left = keys.size() == 1 ? Long.MAX_VALUE : mostBytes;
                    for (int from = 0; from < keys.size(); from += KEYS_AT_ONCE) {
                        List<Row> some =
                                keys.subList(from, Math.min(keys.size(), from + KEYS_AT_ONCE));
                        List<byte[]> lines = new ArrayList<>();
                        String query =
                                "SELECT %s FROM %s WHERE %s"
                                        .formatted(
                                                Sql.identifiers(names),
                                                KeyRangeSql.rows(table),
                                                among(table, schema, some));
                        if (left <= 0 || !lines(connection, table, query, left, lines)) {
                            return Optional.empty();
                        }
                        for (byte[] line : lines) {
                            found.add(reader.row(line));
                            left -= line.length;
                        }
                    }
                    return Optional.of(found);
                });
    }

    private static String among(TableDefinition table, TableSchema schema, List<Row> keys) {
        List<ColumnDefinition> columns =
                schema.keyNames().stream().map(name -> KeyRangeSql.column(table, name)).toList();
        if (columns.size() == 1) {
            int position = schema.key().getFirst();
            return "%s = ANY (ARRAY[%s]::%s[])"
                    .formatted(
                            Sql.identifier(columns.getFirst().name()),
                            keys.stream()
                                    .map(key -> KeyRangeSql.text(value(key, position)))
                                    .collect(Collectors.joining(", ")),
                            columns.getFirst().nativeType());
        }
        return keys.stream()
                .map(
                        key -> {
                            List<String> values = new ArrayList<>();
                            for (int i = 0; i < columns.size(); i++) {
                                values.add(
                                        KeyRangeSql.literal(
                                                columns.get(i), value(key, schema.key().get(i))));
                            }
                            return "(" + String.join(", ", values) + ")";
                        })
                .collect(
                        Collectors.joining(
                                ", ",
                                "(%s) IN (VALUES ".formatted(Sql.identifiers(schema.keyNames())),
                                ")"));
    }

    private static Object value(Row key, int position) {
        return Objects.requireNonNull(key.get(position), "a key's value");
    }

    @Override
    public List<Object> bound(TableDefinition table, KeyRange range, int rows) {
        String query =
                "SELECT %s FROM %s WHERE %s ORDER BY %s LIMIT 1 OFFSET %d"
                        .formatted(
                                Sql.identifiers(range.columns()),
                                KeyRangeSql.rows(table),
                                KeyRangeSql.condition(table, range),
                                KeyRangeSql.order(range, ""),
                                rows - 1);
        return on(
                "cutting " + table.table(),
                connection -> {
                    List<List<Object>> found = values(connection, table, range.columns(), query);
                    return found.isEmpty() ? List.of() : found.getFirst();
                });
    }

    @Override
    public Digest digest(TableDefinition table, List<Digested> columns, KeyRange range) {
        String query =
                "SELECT count(*), %s FROM %s WHERE %s"
                        .formatted(
                                RowSums.sum(table, columns),
                                KeyRangeSql.rows(table),
                                KeyRangeSql.condition(table, range));
        return on(
                "comparing " + table.table(),
                connection -> {
                    try (Statement statement = connection.createStatement();
                            ResultSet row = statement.executeQuery(query)) {
                        row.next();
                        return new Digest(row.getLong(1), row.getString(2));
                    }
                });
    }

    @Override
    public void close() {
        Connection connection = current;
        current = null;
        if (connection != null) {
            connections.release(connection);
        }
    }

    private List<List<Object>> values(
            Connection connection, TableDefinition table, List<String> names, String query)
            throws SQLException {
        List<Column> columns =
                names.stream()
                        .map(name -> KeyRangeSql.column(table, name))
                        .map(column -> new Column(column.name(), column.type()))
                        .toList();
        CopyLineReader reader =
                new CopyLineReader(new TableSchema(table.table(), columns, List.of()));
        List<byte[]> lines = new ArrayList<>();
        lines(connection, table, query, Long.MAX_VALUE, lines);
        List<List<Object>> rows = new ArrayList<>();
        for (byte[] line : lines) {
            Row row = reader.row(line);
            List<Object> values = new ArrayList<>();
            for (int i = 0; i < row.size(); i++) {
                values.add(value(row, i));
            }
            rows.add(values);
        }
        return rows;
    }

    /**
     * Returns whether all of the query's rows were taken. If not, the connection is gone: the rest
     * may be long, and there is no other way to be rid of it.
     */
    private boolean lines(
            Connection connection,
            TableDefinition table,
            String query,
            long mostBytes,
            List<byte[]> lines)
            throws SQLException {
        CopyOut copy =
                connection
                        .unwrap(PGConnection.class)
                        .getCopyAPI()
                        .copyOut("COPY (" + query + ") TO STDOUT");
        long bytes = 0;
        byte[] line = copy.readFromCopy();
        while (line != null) {
            RowLimit.require(table.table(), () -> "", line.length, RowLimit.lineBytes());
            lines.add(line);
            bytes += line.length;
            line = copy.readFromCopy();
            if (line != null && bytes >= mostBytes) {
                current = null;
                connections.cut(connection);
                return false;
            }
        }
        return true;
    }

    private <T> T on(String step, PostgresConnections.Work<T> work) {
        boolean whole = false;
        try {
            T result = work.on(connection());
            whole = true;
            return result;
        } catch (SQLException e) {
            throw PostgresErrors.failure(connections.name() + ": " + step, e);
        } finally {
            if (!whole) {
                close();
            }
        }
    }

    private Connection connection() throws SQLException {
        Connection connection = current;
        if (connection == null) {
            connection = connections.open(application);
            current = connection;
            connections.limitWaits(connection, LONGEST_SILENCE);
        }
        return connection;
    }
}
