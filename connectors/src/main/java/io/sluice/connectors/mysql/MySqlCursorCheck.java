package io.sluice.connectors.mysql;

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

/** Whether tables can be read by the order of a column: rights, engines, nulls, indexes. */
final class MySqlCursorCheck {

    private static final int OLDEST_VERSION = 8;

    private static final String INDEXED =
            "SELECT EXISTS (SELECT 1 FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? AND"
                    + " TABLE_NAME = ? AND SEQ_IN_INDEX = 1 AND COLUMN_NAME = ?)";

    private final MySqlConnections connections;
    private final List<Finding> findings = new ArrayList<>();

    MySqlCursorCheck(MySqlConnections connections) {
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
                            "The server is MySQL %d; %d.0 or newer is needed."
                                    .formatted(version, OLDEST_VERSION),
                            "Upgrade the server."));
        }
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT @@GLOBAL.read_only")) {
            row.next();
            if (row.getBoolean(1)) {
                findings.add(
                        Finding.warns(
                                "replica",
                                "The server is read only, so it may be a replica: transactions come"
                                        + " to it when they are applied, and the RPO does not show"
                                        + " what it lags behind.",
                                "Read the server that is written to, or let `overlap` be longer than"
                                        + " the replica may lag behind."));
            }
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT 1 FROM information_schema.innodb_trx LIMIT 0");
        } catch (SQLException e) {
            if (!SourceRights.isDenied(e)) {
                throw e;
            }
            findings.add(
                    Finding.notes(
                            "PROCESS",
                            "The role may not see which transactions run: a row whose transaction"
                                    + " takes longer than `overlap` from the statement that set"
                                    + " its cursor to its commit is seen by the sweep only. GRANT"
                                    + " PROCESS lets such transactions be waited for."));
        }
    }

    private void check(Connection connection, TableDefinition table, String cursor)
            throws SQLException {
        Optional<ColumnDefinition> column =
                table.columns().stream().filter(c -> c.name().equals(cursor)).findFirst();
        if (column.isEmpty()) {
            return;
        }
        String name = Sql.identifier(cursor);
        boolean nulls = false;
        try (Statement statement = connection.createStatement()) {
            if (!column.get().notNull()) {
                String any = "SELECT EXISTS (SELECT 1 FROM %s WHERE %s IS NULL)";
                try (ResultSet row =
                        statement.executeQuery(any.formatted(Sql.table(table.table()), name))) {
                    row.next();
                    nulls = row.getBoolean(1);
                }
            } else {
                statement.execute("SELECT 1 FROM %s LIMIT 0".formatted(Sql.table(table.table())));
            }
        } catch (SQLException e) {
            if (!SourceRights.isDenied(e)) {
                throw e;
            }
            findings.add(
                    Finding.blocks(
                            table.table().toString(),
                            "The role may not read the table.",
                            "GRANT SELECT ON %s TO the role.".formatted(Sql.table(table.table()))));
            return;
        }
        if (!column.get().notNull()) {
            nullable(table, cursor, nulls);
        }
        index(connection, table, cursor);
    }

    private void nullable(TableDefinition table, String cursor, boolean nulls) {
        findings.add(
                Finding.warns(
                        table.table() + "." + cursor,
                        nulls
                                ? "The cursor is null in some rows, which no poll sees: only the"
                                        + " sweep does."
                                : "The cursor may be null; no poll would see such a row: only the"
                                        + " sweep does.",
                        "Give every row a value and declare the column NOT NULL."));
    }

    private void index(Connection connection, TableDefinition table, String cursor)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(INDEXED)) {
            statement.setString(1, table.table().schema());
            statement.setString(2, table.table().name());
            statement.setString(3, cursor);
            ResultSet row = statement.executeQuery();
            row.next();
            if (!row.getBoolean(1)) {
                findings.add(
                        Finding.warns(
                                table.table() + "." + cursor,
                                "No index begins with the cursor's column: each poll reads the"
                                        + " whole table.",
                                "CREATE INDEX %s ON %s (%s);"
                                        .formatted(
                                                Sql.identifier("sluice_cursor"),
                                                Sql.table(table.table()),
                                                Sql.identifier(cursor))));
            }
        }
    }
}
