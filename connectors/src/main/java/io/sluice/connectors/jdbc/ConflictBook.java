package io.sluice.connectors.jdbc;

import io.sluice.change.Row;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.ConflictSearch;
import io.sluice.connectors.spi.ConflictStore;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.RecordedConflict;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Some pipelines' conflicts, over connections of their own. Thread-safe. */
public final class ConflictBook implements ConflictStore {

    private final Transactions transactions;
    private final ConflictTable table;

    /** How an engine opens connections, and writes single rows over them. */
    public interface Transactions {

        <T> T run(String step, Work<T> work);

        RowPlace rows(Connection connection) throws SQLException;

        /** The class and the words for an error, at this database. */
        ConnectorException failure(String step, SQLException cause);
    }

    /** What is done in a transaction. */
    @FunctionalInterface
    public interface Work<T> {
        T on(Connection connection) throws SQLException;
    }

    public ConflictBook(Transactions transactions, Forms forms, List<String> pipelines) {
        this.transactions = transactions;
        this.table = new ConflictTable(forms, pipelines);
    }

    @Override
    public List<RecordedConflict> page(ConflictSearch search, long before, int atMost) {
        return transactions.run(
                "reading the record of conflicts",
                connection -> table.page(connection, search, before, atMost));
    }

    @Override
    public Optional<RecordedConflict> find(long id) {
        return transactions.run(
                "reading a recorded conflict", connection -> table.find(connection, id));
    }

    @Override
    public boolean resolve(long id, String by, Resolver resolver) {
        return transactions.run(
                "resolving a conflict",
                connection -> {
                    table.lock(connection, id);
                    RecordedConflict conflict = table.find(connection, id).orElse(null);
                    if (conflict == null) {
                        return false;
                    }
                    TableId name = conflict.conflict().row().table();
                    LockedRow row = new LockedRow(transactions.rows(connection), name);
                    Correction correction = resolver.decide(conflict, row);
                    if (correction.writes()) {
                        row.become(Optional.ofNullable(correction.row()));
                    }
                    table.note(connection, id, correction.choice(), by);
                    return true;
                });
    }

    @Override
    public int forget(Instant before, long kept, int batch) {
        return transactions.run(
                "forgetting old conflicts",
                connection -> table.forget(connection, before, kept, batch));
    }

    @Override
    public long open() {
        return transactions.run("counting parked conflicts", table::open);
    }

    private final class LockedRow implements StandingRow {

        private final RowPlace place;
        private final TableId name;
        private @Nullable TableSchema table;
        private @Nullable Optional<Row> before;

        LockedRow(RowPlace place, TableId name) {
            this.place = place;
            this.name = name;
        }

        @Override
        public TableSchema table() {
            TableSchema known = table;
            if (known == null) {
                known =
                        asked("looking at " + name, () -> place.table(name))
                                .orElseThrow(this::gone);
                table = known;
            }
            return known;
        }

        private ConnectorException gone() {
            return new ConnectorException(
                    ErrorClass.FATAL,
                    "There is no table %s any more: dismiss the conflict.".formatted(name));
        }

        @Override
        public Optional<Row> lock(Row key) {
            TableSchema of = table();
            Optional<Row> found = asked("locking a row of " + name, () -> place.lock(of, key));
            before = found;
            return found;
        }

        void become(Optional<Row> after) {
            Optional<Row> was = before;
            if (was == null) {
                throw new IllegalStateException("a row that was not locked");
            }
            boolean nothing = was.isEmpty() && after.isEmpty();
            if (!nothing
                    && asked("writing a row of " + name, () -> place.write(table(), was, after))
                            == 0) {
                throw new ConnectorException(
                        ErrorClass.RETRY,
                        "%s: the row cannot be written; a rule or trigger may keep it. Nothing was done."
                                .formatted(name));
            }
        }

        private <T> T asked(String step, Asking<T> asking) {
            try {
                return asking.ask();
            } catch (SQLException e) {
                throw transactions.failure(step, e);
            }
        }
    }

    @FunctionalInterface
    private interface Asking<T> {
        T ask() throws SQLException;
    }
}
