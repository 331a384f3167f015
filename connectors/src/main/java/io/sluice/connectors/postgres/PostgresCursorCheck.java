package io.sluice.connectors.postgres;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.TableDefinition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Whether tables can be read by the order of a column: rights, nulls, indexes, sequences. */
final class PostgresCursorCheck {

    private static final int OLDEST_VERSION = 14;

    private static final String RIGHTS =
            """
            SELECT has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'),
              row_security_active(c.oid),
              EXISTS (SELECT FROM pg_index x JOIN pg_attribute a
                ON a.attrelid = c.oid AND a.attnum = (x.indkey::int2[])[0]
                WHERE x.indrelid = c.oid AND x.indisvalid AND x.indpred IS NULL
                  AND a.attname = ?),
              (SELECT s.seqcache FROM pg_attribute a
                JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid
                  AND d.refobjsubid = a.attnum AND d.classid = 'pg_class'::regclass
                  AND d.deptype IN ('a', 'i')
                JOIN pg_sequence s ON s.seqrelid = d.objid
                WHERE a.attrelid = c.oid AND a.attname = ? LIMIT 1)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = ? AND c.relname = ?
            """;

    private final PostgresConnections connections;
    private final List<Finding> findings = new ArrayList<>();

    PostgresCursorCheck(PostgresConnections connections) {
        this.connections = connections;
    }

    List<Finding> findings(List<TableDefinition> tables, Map<TableId, String> cursors) {
        connections.run(
                "sluice check",
                "checking the source",
                connection -> {
                    server(connection);
                    for (TableDefinition table : tables) {
                        String cursor = cursors.get(table.table());
                        if (cursor != null) {
                            check(connection, table, cursor);
                        }
                    }
                });
        return List.copyOf(findings);
    }

    private void server(Connection connection) throws SQLException {
        int version = connection.getMetaData().getDatabaseMajorVersion();
        if (version < OLDEST_VERSION) {
            findings.add(
                    Finding.blocks(
                            "server version",
                            "The server is PostgreSQL %d; %d or newer is needed."
                                    .formatted(version, OLDEST_VERSION),
                            "Upgrade the server."));
        }
        if (isTrue(connection, "SELECT pg_is_in_recovery()")) {
            findings.add(
                    Finding.warns(
                            "standby",
                            "The server is a standby, which does not tell of the transactions that"
                                    + " run on its primary: only `overlap` keeps late commits from"
                                    + " being skipped. The RPO counts from the last commit that it"
                                    + " has replayed, also while its primary rests.",
                            "Read the primary, or let `overlap` be longer than any transaction."));
        }
    }

    private void check(Connection connection, TableDefinition table, String cursor)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(RIGHTS)) {
            statement.setString(1, cursor);
            statement.setString(2, cursor);
            statement.setString(3, table.table().schema());
            statement.setString(4, table.table().name());
            ResultSet row = statement.executeQuery();
            if (!row.next()) {
                return;
            }
            if (!row.getBoolean(1)) {
                String role = Sql.identifier(connections.address().username());
                findings.add(
                        Finding.blocks(
                                table.table().toString(),
                                "The role may not read the table.",
                                "GRANT USAGE ON SCHEMA %s TO %s; GRANT SELECT ON %s TO %s;"
                                        .formatted(
                                                Sql.identifier(table.table().schema()),
                                                role,
                                                Sql.table(table.table()),
                                                role)));
                return;
            }
            if (row.getBoolean(2)) {
                findings.add(
                        Finding.blocks(
                                table.table().toString(),
                                "Row security hides rows of the table from the role.",
                                "ALTER ROLE %s BYPASSRLS;"
                                        .formatted(
                                                Sql.identifier(connections.address().username()))));
                return;
            }
            if (!row.getBoolean(3)) {
                index(table, cursor);
            }
            if (row.getLong(4) > 1) {
                cache(table, cursor, row.getLong(4));
            }
        }
        nulls(connection, table, cursor);
    }

    private void index(TableDefinition table, String cursor) {
        findings.add(
                Finding.warns(
                        table.table() + "." + cursor,
                        "No index begins with the cursor's column: each poll reads the whole table.",
                        "CREATE INDEX %sON %s (%s);"
                                .formatted(
                                        table.partitioned() ? "" : "CONCURRENTLY ",
                                        Sql.table(table.table()),
                                        Sql.identifier(cursor))));
    }

    private void cache(TableDefinition table, String cursor, long numbers) {
        findings.add(
                Finding.warns(
                        table.table() + "." + cursor,
                        ("Its sequence hands %d numbers at once to a session, which may use them"
                                        + " long after larger ones: such rows are seen only if"
                                        + " `overlap` is longer, or by the sweep.")
                                .formatted(numbers),
                        "ALTER SEQUENCE … CACHE 1; or a column that is set when the row is"
                                + " written."));
    }

    private void nulls(Connection connection, TableDefinition table, String cursor)
            throws SQLException {
        Optional<ColumnDefinition> column =
                table.columns().stream().filter(c -> c.name().equals(cursor)).findFirst();
        if (column.isEmpty() || column.get().notNull()) {
            return;
        }
        String name = Sql.identifier(cursor);
        boolean any =
                isTrue(
                        connection,
                        "SELECT EXISTS (SELECT FROM %s WHERE %s IS NULL)"
                                .formatted(KeyRangeSql.rows(table), name));
        findings.add(
                Finding.warns(
                        table.table() + "." + cursor,
                        any
                                ? "The cursor is null in some rows, which no poll sees: only the"
                                        + " sweep does."
                                : "The cursor may be null; no poll would see such a row: only the"
                                        + " sweep does.",
                        "ALTER TABLE %s ALTER COLUMN %s SET NOT NULL; after every row has a value."
                                .formatted(Sql.table(table.table()), name)));
    }

    private static boolean isTrue(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getBoolean(1);
        }
    }
}
