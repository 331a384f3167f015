package io.sluice.connectors.mysql;

import io.sluice.change.Row;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.jdbc.ConflictBook;
import io.sluice.connectors.jdbc.RowPlace;
import io.sluice.connectors.spi.ConflictStore;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TableOperation.DeleteRows;
import io.sluice.connectors.spi.TableOperation.InsertRows;
import io.sluice.connectors.spi.TableOperation.UpdateRows;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** The record of conflicts as MySQL spells it. */
final class MySqlConflicts implements ConflictBook.Transactions {

    private static final String APPLICATION = "sluice conflicts";

    private final MySqlConnections connections;

    private MySqlConflicts(MySqlConnections connections) {
        this.connections = connections;
    }

    static ConflictStore of(MySqlConnections connections, List<String> pipelines) {
        MySqlConflicts own = new MySqlConflicts(connections);
        return new ConflictBook(own, new DriverForms(), pipelines);
    }

    /** What is read after a lock was had is to be what is there then. */
    @Override
    public <T> T run(String step, ConflictBook.Work<T> work) {
        return connections.inTransaction(
                APPLICATION,
                step,
                connection -> {
                    connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
                    return work.on(connection);
                });
    }

    @Override
    public ConnectorException failure(String step, SQLException cause) {
        return MySqlErrors.failure(connections.name() + ": " + step, cause);
    }

    @Override
    public RowPlace rows(Connection connection) throws SQLException {
        return new Rows(connection, new RowWriter(connections.name(), connection, 0));
    }

    private record Rows(Connection connection, RowWriter writer) implements RowPlace {

        @Override
        public Optional<TableSchema> table(TableId table) throws SQLException {
            return MySqlCatalog.tables(connection, List.of(table)).stream()
                    .findFirst()
                    .map(TableDefinition::schema);
        }

        @Override
        public Optional<Row> lock(TableSchema table, Row key) throws SQLException {
            StringBuilder sql = new StringBuilder("SELECT 1 FROM ");
            sql.append(Sql.table(table.table()));
            new RowStatements(TargetTable.read(connection, table.table()), table).oneRow(sql, key);
            try (Statement statement = connection.createStatement()) {
                statement.executeQuery(sql.append(" FOR UPDATE").toString());
            }
            return Optional.ofNullable(RowLookup.row(connection, table, key));
        }

        @Override
        public long write(TableSchema table, Optional<Row> before, Optional<Row> after)
                throws SQLException {
            if (before.isEmpty()) {
                return writer.insert(new InsertRows(table, List.of(after.orElseThrow())));
            }
            List<Row> was = List.of(before.get());
            if (after.isEmpty()) {
                return writer.delete(new DeleteRows(table, was));
            }
            List<Row> now = List.of(after.get());
            return now.equals(was)
                    ? again(table, was)
                    : writer.update(new UpdateRows(table, values(table), was, now));
        }

        /**
         * The log of MySQL leaves out a row that is set to what it was, so it goes and comes again.
         * No foreign key is to act on that.
         */
        private long again(TableSchema table, List<Row> row) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET SESSION foreign_key_checks = 0");
            }
            writer.delete(new DeleteRows(table, row));
            return writer.insert(new InsertRows(table, row));
        }

        private static List<Integer> values(TableSchema table) {
            return IntStream.range(0, table.columns().size())
                    .filter(position -> !table.key().contains(position))
                    .boxed()
                    .toList();
        }
    }
}
