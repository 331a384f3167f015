package io.sluice.connectors.postgres;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.ColumnStep;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TypeDefinition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Creates what is missing on a target, all of it or nothing. */
final class TableCreation {

    private final PostgresConnections connections;
    private final String application;

    TableCreation(PostgresConnections connections, String application) {
        this.connections = connections;
        this.application = application;
    }

    /**
     * @param wholeRows whether the log is to tell of changed rows as they were before
     */
    List<TableId> create(
            List<TableDefinition> wanted, List<TypeDefinition> types, boolean wholeRows) {
        return connections.inTransaction(
                application,
                "creating tables",
                connection -> {
                    List<TableDefinition> missing = missing(connection, wanted);
                    if (!missing.isEmpty()) {
                        for (TypeDefinition type : types) {
                            createType(connection, type);
                        }
                    }
                    List<TableId> created = new ArrayList<>();
                    for (TableDefinition table : missing) {
                        createTable(connection, table);
                        if (wholeRows) {
                            run(
                                    connection,
                                    "telling the log to have whole rows of " + table.table(),
                                    "ALTER TABLE %s REPLICA IDENTITY FULL"
                                            .formatted(Sql.table(table.table())));
                        }
                        created.add(table.table());
                    }
                    return created;
                });
    }

    /** All of them or none; one that stands already is what was wanted. */
    void addColumns(TableId table, List<ColumnDefinition> columns) {
        String step = connections.name() + ": adding columns to " + table;
        connections.inTransaction(
                application,
                "adding columns to " + table,
                connection -> {
                    run(connection, step, "SET LOCAL lock_timeout = '10s'");
                    List<String> standing =
                            PostgresCatalog.tables(connection, List.of(table)).stream()
                                    .flatMap(found -> found.columns().stream())
                                    .map(ColumnDefinition::name)
                                    .toList();
                    for (ColumnDefinition column : columns) {
                        if (!standing.contains(column.name())) {
                            run(
                                    connection,
                                    step,
                                    PostgresDdl.alterTable(table, new ColumnStep.Add(column)));
                        }
                    }
                    return true;
                });
    }

    private static List<TableDefinition> missing(
            Connection connection, List<TableDefinition> wanted) throws SQLException {
        List<TableId> names = wanted.stream().map(TableDefinition::table).toList();
        Set<TableId> standing = new HashSet<>();
        for (TableDefinition table : PostgresCatalog.tables(connection, names)) {
            standing.add(table.table());
        }
        return wanted.stream().filter(table -> !standing.contains(table.table())).toList();
    }

    private void createType(Connection connection, TypeDefinition type) throws SQLException {
        if (typeExists(connection, type)) {
            return;
        }
        String name = Sql.identifier(type.schema()) + "." + Sql.identifier(type.name());
        if (type.definition().startsWith(PostgresTypes.EXTENSION)) {
            throw new ConnectorException(
                    ErrorClass.FATAL,
                    "%s: the type %s comes with an extension that is missing here. Run: %s;"
                            .formatted(connections.name(), name, type.definition()));
        }
        createSchema(connection, type.schema());
        run(connection, "creating the type " + name, type.definition());
    }

    private void createTable(Connection connection, TableDefinition table) throws SQLException {
        createSchema(connection, table.table().schema());
        int version = connection.getMetaData().getDatabaseMajorVersion();
        String sql = PostgresDdl.createTable(table.bare(), version);
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(sql);
        } catch (SQLException e) {
            String column =
                    PostgresDdl.columnAt(table, version, place(e))
                            .map(found -> ", column " + found.name())
                            .orElse("");
            throw PostgresErrors.failure(
                    "%s: creating the table %s%s"
                            .formatted(connections.name(), table.table(), column),
                    e);
        }
    }

    /**
     * Where in the statement the server met the error; behind all columns where it does not say.
     */
    private static int place(SQLException e) {
        ServerErrorMessage said =
                e instanceof PSQLException postgres ? postgres.getServerErrorMessage() : null;
        return said == null || said.getPosition() == 0 ? Integer.MAX_VALUE : said.getPosition();
    }

    private void createSchema(Connection connection, String schema) throws SQLException {
        // Asked first: IF NOT EXISTS needs the right to create even where nothing is created.
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT FROM pg_namespace WHERE nspname = ?")) {
            statement.setString(1, schema);
            if (statement.executeQuery().next()) {
                return;
            }
        }
        run(connection, "creating the schema " + schema, "CREATE SCHEMA " + Sql.identifier(schema));
    }

    private static boolean typeExists(Connection connection, TypeDefinition type)
            throws SQLException {
        String query =
                """
                SELECT FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
                WHERE n.nspname = ? AND t.typname = ?
                """;
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setString(1, type.schema());
            statement.setString(2, type.name());
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        }
    }

    private void run(Connection connection, String step, String sql) {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(sql);
        } catch (SQLException e) {
            throw PostgresErrors.failure(connections.name() + ": " + step, e);
        }
    }
}
