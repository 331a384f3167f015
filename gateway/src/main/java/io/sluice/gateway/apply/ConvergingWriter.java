package io.sluice.gateway.apply;

import io.sluice.change.Change;
import io.sluice.change.Row;
import io.sluice.change.RowChange;
import io.sluice.change.SourcePosition;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.change.Truncate;
import io.sluice.connectors.spi.SourceDatabase.Found;
import io.sluice.connectors.spi.TableOperation;
import io.sluice.connectors.spi.TableOperation.DeleteRows;
import io.sluice.connectors.spi.TableOperation.InsertRows;
import io.sluice.connectors.spi.TableOperation.TruncateTables;
import io.sluice.connectors.spi.TableOperation.UpdateRows;
import io.sluice.connectors.spi.TargetSession;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Writes changes of tables with a key by the rules of {@link Convergence}: whatever stands under a
 * key gives way to the key's last state. Used by one thread.
 */
final class ConvergingWriter {

    private final TargetSession session;
    private final Convergence convergence;
    private final Function<List<Change>, List<TableOperation>> plan;
    private final Consumer<TableOperation> exactly;
    private final SourcePosition applied;
    private final Map<TableId, States> tables = new LinkedHashMap<>();

    // Changes of rows that are all of the log's own moment.
    private final List<Change> plain = new ArrayList<>();

    /**
     * @param applied what the target has
     * @param plan the operations of changes whose rows are of the log's own moment
     * @param exactly carries out an operation that has to touch as many rows as it names
     */
    ConvergingWriter(
            TargetSession session,
            Convergence convergence,
            SourcePosition applied,
            Function<List<Change>, List<TableOperation>> plan,
            Consumer<TableOperation> exactly) {
        this.session = session;
        this.convergence = convergence;
        this.applied = applied;
        this.plan = plan;
        this.exactly = exactly;
    }

    /** What each key is to end in: a whole row, none, or new values of whatever row is there. */
    private record States(
            TableSchema table,
            Map<Row.Key, Row> whole,
            Map<Row.Key, Row> gone,
            Map<Row.Key, Row> parts) {

        static States of(TableSchema table) {
            return new States(
                    table, new LinkedHashMap<>(), new LinkedHashMap<>(), new LinkedHashMap<>());
        }

        void put(Row row) {
            Row.Key key = row.key(table.key());
            gone.remove(key);
            parts.remove(key);
            whole.put(key, row);
        }

        void remove(Row row) {
            Row.Key key = row.key(table.key());
            whole.remove(key);
            parts.remove(key);
            gone.put(key, row);
        }

        /** Returns whether the key's state can take the values in. */
        boolean change(Row part) {
            Row.Key key = part.key(table.key());
            if (gone.containsKey(key)) {
                return false;
            }
            Row earlier = parts.get(key);
            parts.put(key, earlier == null ? part : part.over(earlier));
            return true;
        }
    }

    /**
     * Tables are independent here, so those that are written exactly come last: what is tried and
     * undone on the way then never divides them.
     */
    void write(List<Change> changes) {
        List<Change> exact = new ArrayList<>();
        for (Change change : changes) {
            switch (change) {
                case RowChange row when convergence.isExact(row.table()) -> exact.add(row);
                case RowChange row when convergence.concerns(row, applied) -> {
                    flushPlain();
                    take(row);
                }
                case RowChange row -> {
                    flush();
                    plain.add(row);
                }
                case Truncate truncate -> truncate(truncate, exact);
            }
        }
        flushPlain();
        flush();
        plan.apply(exact).forEach(exactly);
    }

    private void flushPlain() {
        plan.apply(plain).forEach(exactly);
        plain.clear();
    }

    private void truncate(Truncate truncate, List<Change> exact) {
        List<TableSchema> alone = new ArrayList<>();
        List<TableSchema> joined = new ArrayList<>();
        truncate.tables().forEach(t -> (convergence.isExact(t) ? alone : joined).add(t));
        if (!alone.isEmpty()) {
            exact.add(new Truncate(alone));
        }
        if (!joined.isEmpty()) {
            flushPlain();
            flush();
            session.execute(new TruncateTables(joined.stream().map(TableSchema::table).toList()));
        }
    }

    private void take(RowChange change) {
        States states = tables.get(change.table().table());
        if (states != null && !states.table().equals(change.table())) {
            flush();
            states = null;
        }
        if (states == null) {
            states = States.of(change.table());
            tables.put(change.table().table(), states);
        }
        switch (change) {
            case RowChange.Insert insert -> states.put(insert.after());
            case RowChange.Delete delete -> states.remove(delete.before());
            case RowChange.Update update -> take(states, update);
        }
    }

    private void take(States states, RowChange.Update update) {
        TableSchema table = states.table();
        Row known = states.whole().get(update.before().key(table.key()));
        Row after = known == null ? update.after() : update.after().over(known);
        if (!after.isWhole()) {
            if (update.changesKey() || !states.change(after)) {
                flush();
                updateInPart(table, update);
            }
            return;
        }
        if (update.changesKey()) {
            convergence.moved(update);
            states.remove(update.before());
        }
        states.put(after);
    }

    private void flush() {
        tables.values()
                .forEach(
                        states -> {
                            List<Row> gone = new ArrayList<>(states.gone().values());
                            gone.addAll(states.whole().values());
                            if (!gone.isEmpty()) {
                                session.execute(new DeleteRows(states.table(), gone));
                            }
                            insert(states.table(), List.copyOf(states.whole().values()));
                            updateInPart(states);
                        });
        tables.clear();
    }

    /** Inserts, and takes away what stands under the rows' other unique keys: it is stale. */
    private void insert(TableSchema table, List<Row> rows) {
        if (rows.isEmpty()) {
            return;
        }
        UniqueKeys.makeRoom(session, convergence.otherKeys(table), rows);
        exactly.accept(new InsertRows(table, rows));
    }

    private void updateInPart(States states) {
        TableSchema table = states.table();
        Map<List<Integer>, List<Row>> bySent = new LinkedHashMap<>();
        for (Row part : states.parts().values()) {
            bySent.computeIfAbsent(TableFold.written(table, part, false), sent -> new ArrayList<>())
                    .add(part);
        }
        for (List<Row> parts : bySent.values()) {
            if (!areUpdated(table, parts)) {
                parts.forEach(part -> updateInPart(table, new RowChange.Update(table, part, part)));
            }
        }
    }

    /**
     * An update without all values. Under the same key they are there, or come later in the log:
     * what stands is the row itself, or one that an insert or a change of key will still bring
     * whole. Not so under another key, where what stands may be a row that has left it since.
     */
    private void updateInPart(TableSchema table, RowChange.Update update) {
        if (!update.changesKey() && areUpdated(table, List.of(update.after()))) {
            return;
        }
        Found found = convergence.find(table, update.after());
        session.settle(table.table(), found.asOf());
        session.execute(
                new DeleteRows(
                        table,
                        update.changesKey()
                                ? List.of(update.before(), update.after())
                                : List.of(update.after())));
        if (found.row() != null) {
            insert(table, List.of(found.row()));
        }
    }

    /** Whether all the rows were there and have been updated; they have the same columns. */
    private boolean areUpdated(TableSchema table, List<Row> parts) {
        UpdateRows update =
                new UpdateRows(
                        table, TableFold.written(table, parts.getFirst(), false), parts, parts);
        // It is refused where a stale row holds what one of them is to have.
        return session.attempt(update).orElse(-1) == parts.size();
    }
}
