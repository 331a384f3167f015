package io.sluice.connectors.mysql;

import io.sluice.change.Column;
import io.sluice.change.Row;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.CopyLineReader;
import io.sluice.connectors.spi.DataType;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.KeyRange;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TableReader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads by columns' order, each statement for itself and without locks. */
final class MySqlTableReader implements TableReader {

    /** Without an index on the order's columns the server sorts the table first. */
    private static final Duration LONGEST_SILENCE = Duration.ofMinutes(30);

    private static final int KEYS_AT_ONCE = 1_000;

    /**
     * Asked of a session that has no transaction itself; needs the privilege PROCESS. The server
     * answers from a copy that may be 0.1 s old. A prepared transaction whose session has ended is
     * of no thread.
     */
    private static final String RUNNING =
            "SELECT CONCAT(trx_mysql_thread_id, ' ', trx_started), trx_mysql_thread_id = 0 FROM"
                    + " information_schema.innodb_trx WHERE trx_mysql_thread_id <> CONNECTION_ID()";

    private static final String CLOCK =
            "SELECT CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED)";

    /** Times without a zone are taken to be of the zone that sessions have by themselves. */
    private static final String LOCAL_CLOCK =
            "COALESCE(CONVERT_TZ(UTC_TIMESTAMP(6), '+00:00', @@GLOBAL.time_zone),"
                    + " UTC_TIMESTAMP(6))";

    private final MySqlConnections connections;
    private final String application;
    private @Nullable Connection current;
    private boolean tells = true;

    MySqlTableReader(MySqlConnections connections, String application) {
        this.connections = connections;
        this.application = application;
    }

    @Override
    public Sounding sound(TableDefinition table, List<String> order) {
        return on(
                "looking at the end of " + table.table(),
                connection -> {
                    Instant clock;
                    try (Statement statement = connection.createStatement();
                            ResultSet row = statement.executeQuery(CLOCK)) {
                        row.next();
                        clock = Instant.EPOCH.plus(row.getLong(1), ChronoUnit.MICROS);
                    }
                    List<Object> top = top(connection, table, order);
                    return new Sounding(clock, top, running(connection));
                });
    }

    private static List<Object> top(
            Connection connection, TableDefinition table, List<String> order) throws SQLException {
        KeyRange all = KeyRange.all(order);
        ColumnDefinition cursor = KeyRangeSql.column(table, order.getFirst());
        String name = Sql.identifier(cursor.name());
        String past =
                switch (cursor.dataType()) {
                    case DataType.Moment moment -> " AND " + name + " <= UTC_TIMESTAMP(6)";
                    case DataType.DateTime time -> " AND " + name + " <= " + LOCAL_CLOCK;
                    default -> "";
                };
        List<List<Object>> rows =
                values(
                        connection,
                        table,
                        order,
                        " WHERE %s%s ORDER BY %s LIMIT 1"
                                .formatted(
                                        KeyRangeSql.condition(table, all),
                                        past,
                                        KeyRangeSql.order(all, " DESC")));
        return rows.isEmpty() ? List.of() : rows.getFirst();
    }

    @Override
    public Running running() {
        return on("looking at running transactions", this::running);
    }

    private Running running(Connection connection) throws SQLException {
        if (!tells) {
            return Running.UNKNOWN;
        }
        Set<String> transactions = new HashSet<>();
        boolean prepared = false;
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(RUNNING)) {
            while (row.next()) {
                transactions.add(row.getString(1));
                prepared |= row.getBoolean(2);
            }
            return new Running(true, transactions, prepared, null);
        } catch (SQLException e) {
            if (!SourceRights.isDenied(e)) {
                throw e;
            }
            tells = false;
            return Running.UNKNOWN;
        }
    }

    @Override
    public Page page(
            TableDefinition table, TableSchema schema, KeyRange range, int most, long mostBytes) {
        return on(
                "reading " + table.table(),
                connection -> {
                    String rest =
                            " WHERE %s ORDER BY %s LIMIT %d"
                                    .formatted(
                                            KeyRangeSql.condition(table, range),
                                            KeyRangeSql.order(range, ""),
                                            most);
                    List<byte[]> lines = new ArrayList<>();
                    boolean whole =
                            lines(
                                    connection,
                                    table,
                                    columns(table, schema),
                                    rest,
                                    mostBytes,
                                    lines);
                    return new Page(lines, whole && lines.size() < most);
                });
    }

    @Override
    public Optional<List<Row>> find(
            TableDefinition table, TableSchema schema, List<Row> keys, long mostBytes) {
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
                        String rest = " WHERE " + among(table, schema, some);
                        if (left <= 0
                                || !lines(
                                        connection,
                                        table,
                                        columns(table, schema),
                                        rest,
                                        left,
                                        lines)) {
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
        List<ColumnForm> forms =
                schema.keyNames().stream()
                        .map(name -> new ColumnForm(KeyRangeSql.column(table, name)))
                        .toList();
        StringBuilder sql = new StringBuilder();
        sql.append('(').append(Sql.identifiers(schema.keyNames())).append(") IN (");
        for (int row = 0; row < keys.size(); row++) {
            sql.append(row == 0 ? "(" : ", (");
            for (int i = 0; i < forms.size(); i++) {
                sql.append(i == 0 ? "" : ", ");
                forms.get(i).literal(sql, keys.get(row).get(schema.key().get(i)));
            }
            sql.append(')');
        }
        return sql.append(')').toString();
    }

    @Override
    public List<Object> bound(TableDefinition table, KeyRange range, int rows) {
        return on(
                "cutting " + table.table(),
                connection -> {
                    String rest =
                            " WHERE %s ORDER BY %s LIMIT 1 OFFSET %d"
                                    .formatted(
                                            KeyRangeSql.condition(table, range),
                                            KeyRangeSql.order(range, ""),
                                            rows - 1);
                    List<List<Object>> found = values(connection, table, range.columns(), rest);
                    return found.isEmpty() ? List.of() : found.getFirst();
                });
    }

    @Override
    public Digest digest(TableDefinition table, List<Digested> columns, KeyRange range) {
        return on(
                "comparing " + table.table(),
                connection -> {
                    String query =
                            "SELECT COUNT(*), %s FROM %s WHERE %s"
                                    .formatted(
                                            RowSums.sum(table, columns),
                                            Sql.table(table.table()),
                                            KeyRangeSql.condition(table, range));
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

    private static List<ColumnDefinition> columns(TableDefinition table, TableSchema schema) {
        return schema.columns().stream()
                .map(column -> KeyRangeSql.column(table, column.name()))
                .toList();
    }

    private static List<List<Object>> values(
            Connection connection, TableDefinition table, List<String> names, String rest)
            throws SQLException {
        List<ColumnDefinition> columns =
                names.stream().map(name -> KeyRangeSql.column(table, name)).toList();
        CopyLineReader reader =
                new CopyLineReader(
                        new TableSchema(
                                table.table(),
                                columns.stream()
                                        .map(column -> new Column(column.name(), column.type()))
                                        .toList(),
                                List.of()));
        List<byte[]> lines = new ArrayList<>();
        lines(connection, table, columns, rest, Long.MAX_VALUE, lines);
        List<List<Object>> rows = new ArrayList<>();
        for (byte[] line : lines) {
            Row row = reader.row(line);
            List<Object> values = new ArrayList<>();
            for (int i = 0; i < row.size(); i++) {
                values.add(Objects.requireNonNull(row.get(i), "a key's value"));
            }
            rows.add(values);
        }
        return rows;
    }

    /** Returns whether all of the query's rows were taken. */
    private static boolean lines(
            Connection connection,
            TableDefinition table,
            List<ColumnDefinition> columns,
            String rest,
            long mostBytes,
            List<byte[]> lines)
            throws SQLException {
        CopyLine line = new CopyLine(columns);
        String query = "SELECT %s FROM %s".formatted(line.expressions(), Sql.table(table.table()));
        long bytes = 0;
        try (PreparedStatement statement =
                connection.prepareStatement(
                        query + rest, ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY)) {
            // To the driver this means: one row at a time, as the server sends them.
            statement.setFetchSize(Integer.MIN_VALUE);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    byte[] next = line.of(rows);
                    lines.add(next);
                    bytes += next.length;
                    if (bytes >= mostBytes) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    private <T> T on(String step, MySqlConnections.Work<T> work) {
        boolean whole = false;
        try {
            T result = work.on(connection());
            whole = true;
            return result;
        } catch (SQLException e) {
            throw MySqlErrors.failure(connections.name() + ": " + step, e);
        } catch (UnfitValueException e) { // a value of the other side's that cannot be asked for
            throw new ConnectorException(
                    ErrorClass.ROW,
                    "%s: %s failed: %s".formatted(connections.name(), step, e.getMessage()),
                    e);
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
