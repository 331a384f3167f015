package io.sluice.connectors.mysql;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.ColumnStep;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.TableDefinition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Creates what is missing on a target. MySQL commits each table by itself: what was created before
 * an error stays, and is found by the next start.
 */
final class TableCreation {

    private final MySqlConnections connections;
    private final String application;

    TableCreation(MySqlConnections connections, String application) {
        this.connections = connections;
        this.application = application;
    }

    List<TableId> create(List<TableDefinition> wanted) {
        return connections.with(
                application,
                "creating tables",
                connection -> {
                    ServerFacts facts = ServerFacts.read(connection);
                    List<TableId> created = new ArrayList<>();
                    for (TableDefinition table : missing(connection, wanted)) {
                        createTable(
                                connection, TableTranslation.of(table, facts, new ArrayList<>()));
                        created.add(table.table());
                    }
                    return created;
                });
    }

    /** Each is committed by itself; one that stands already is what was wanted. */
    void addColumns(TableId table, List<ColumnDefinition> columns) {
        connections.run(
                application,
                "adding columns to " + table,
                connection -> {
                    run(connection, "setting a limit", "SET SESSION lock_wait_timeout = 10");
                    List<String> standing =
                            MySqlCatalog.tables(connection, List.of(table)).stream()
                                    .flatMap(found -> found.columns().stream())
                                    .map(ColumnDefinition::name)
                                    .toList();
                    for (ColumnDefinition column : columns) {
                        if (!standing.contains(column.name())) {
                            run(
                                    connection,
                                    "adding a column to " + table,
                                    MySqlDdl.alterTable(table, new ColumnStep.Add(column)));
                        }
                    }
                });
    }

    private static List<TableDefinition> missing(
            Connection connection, List<TableDefinition> wanted) throws SQLException {
        List<TableId> names = wanted.stream().map(TableDefinition::table).toList();
        Set<TableId> standing = new HashSet<>();
        for (TableDefinition table : MySqlCatalog.tables(connection, names)) {
            standing.add(table.table());
        }
        return wanted.stream().filter(table -> !standing.contains(table.table())).toList();
    }

    private void createTable(Connection connection, TableDefinition table) throws SQLException {
        createDatabase(connection, table.table().schema());
        run(connection, "creating the table " + table.table(), MySqlDdl.createTable(table.bare()));
    }

    private void createDatabase(Connection connection, String name) throws SQLException {
        // Asked first: IF NOT EXISTS needs the right to create even where nothing is created.
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?")) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                if (row.next()) {
                    return;
                }
            }
        }
        run(
                connection,
                "creating the database " + name,
                "CREATE DATABASE IF NOT EXISTS "
                        + Sql.identifier(name)
                        + " DEFAULT CHARACTER SET utf8mb4");
    }

    /** What is wrong with a row at other times is wrong with the definition here. */
    private void run(Connection connection, String step, String sql) {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            ErrorClass found = MySqlErrors.classify(e);
            throw new ConnectorException(
                    found == ErrorClass.ROW ? ErrorClass.FATAL : found,
                    "%s: %s failed: %s".formatted(connections.name(), step, MySqlErrors.reason(e)),
                    MySqlErrors.cause(e));
        }
    }
}
