package io.sluice.connectors.postgres;

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
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** The record of conflicts as PostgreSQL spells it. */
final class PostgresConflicts implements ConflictBook.Transactions {

    private static final String APPLICATION = "sluice conflicts";

    private final PostgresConnections connections;

    private PostgresConflicts(PostgresConnections connections) {
        this.connections = connections;
    }

    static ConflictStore of(PostgresConnections connections, List<String> pipelines) {
        PostgresConflicts own = new PostgresConflicts(connections);
        return new ConflictBook(own, new DriverForms(), pipelines);
    }

    @Override
    public <T> T run(String step, ConflictBook.Work<T> work) {
        return connections.inTransaction(APPLICATION, step, work::on);
    }

    @Override
    public ConnectorException failure(String step, SQLException cause) {
        return PostgresErrors.failure(connections.name() + ": " + step, cause);
    }

    @Override
    public RowPlace rows(Connection connection) {
        return new Rows(connection, new RowWriter(connections.name(), connection));
    }

    private record Rows(Connection connection, RowWriter writer) implements RowPlace {

        @Override
        public Optional<TableSchema> table(TableId table) throws SQLException {
            return PostgresCatalog.tables(connection, List.of(table)).stream()
                    .findFirst()
                    .map(TableDefinition::schema);
        }

        @Override
        public Optional<Row> lock(TableSchema table, Row key) throws SQLException {
            return new RowLocks(connection, writer).lock(table, List.of(key)).isEmpty()
                    ? Optional.empty()
                    : Optional.ofNullable(RowLookup.row(connection, table, key));
        }

        /** The log has a row that is set to what it was. */
        @Override
        public long write(TableSchema table, Optional<Row> before, Optional<Row> after) {
            if (before.isEmpty()) {
                return writer.insert(new InsertRows(table, List.of(after.orElseThrow())));
            }
            List<Row> was = List.of(before.get());
            if (after.isEmpty()) {
                return writer.delete(new DeleteRows(table, was));
            }
            List<Integer> values =
                    IntStream.range(0, table.columns().size())
                            .filter(position -> !table.key().contains(position))
                            .boxed()
                            .toList();
            return writer.update(new UpdateRows(table, values, was, List.of(after.get())));
        }
    }
}
