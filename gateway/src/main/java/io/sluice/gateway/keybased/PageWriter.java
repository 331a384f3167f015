package io.sluice.gateway.keybased;

import io.sluice.change.Row;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.CopyFormat;
import io.sluice.connectors.spi.CopyLineReader;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.TableOperation.DeleteRows;
import io.sluice.connectors.spi.TableOperation.InsertRows;
import io.sluice.connectors.spi.TableOperation.UpdateRows;
import io.sluice.connectors.spi.TableReader;
import io.sluice.connectors.spi.TargetSession;
import io.sluice.gateway.apply.Operation;
import io.sluice.gateway.apply.UniqueKeys;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Brings rows of a table to the target, which then holds them as they were read, whatever it held
 * before. Each call is given a transaction of the session that has nothing in it yet, and leaves it
 * open. Used by one thread.
 */
final class PageWriter {

    private final KeyedTable table;
    private final Polling polling;
    private final TargetSession session;
    private final TableReader target;
    private final CopyLineReader lines;
    private final List<Integer> written;

    PageWriter(KeyedTable table, Polling polling) {
        this.table = table;
        this.polling = polling;
        session = polling.session();
        target = polling.target();
        lines = new CopyLineReader(table.targetSchema());
        written =
                IntStream.range(0, table.targetSchema().columns().size())
                        .filter(i -> !table.targetSchema().key().contains(i))
                        .boxed()
                        .toList();
    }

    /** Adds rows that are very likely not there. */
    Map<Operation, Long> fill(List<byte[]> page) {
        try (TargetSession.CopyWriter copy =
                session.copyInto(table.targetSchema(), CopyFormat.TEXT)) {
            page.forEach(copy::write);
            return Map.of(Operation.INSERT, copy.finish());
        } catch (ConnectorException e) {
            if (e.errorClass() != ErrorClass.ROW) {
                throw e;
            }
        }
        session.rollback(); // one was there, or is refused: what follows tells which
        return write(page);
    }

    /** Writes what the target does not hold in the same way. */
    Map<Operation, Long> write(List<byte[]> page) {
        Map<Row.Key, Row> rows = new LinkedHashMap<>();
        for (byte[] line : page) {
            Row row = lines.row(line);
            rows.put(compared(table.targetSchema(), row).key(table.targetSchema().key()), row);
        }
        List<Row> updates = new ArrayList<>();
        List<Row> inserts = new ArrayList<>();
        sort(List.copyOf(rows.entrySet()), updates, inserts);
        if (updates.isEmpty() && inserts.isEmpty()) {
            return Map.of();
        }
        try {
            apply(updates, inserts);
        } catch (ConnectorException e) {
            if (e.errorClass() != ErrorClass.ROW) {
                throw e;
            }
            session.rollback();
            replace(updates, inserts);
        }
        Map<Operation, Long> counts = new EnumMap<>(Operation.class);
        counts.put(Operation.UPDATE, (long) updates.size());
        counts.put(Operation.INSERT, (long) inserts.size());
        return counts;
    }

    /** What the target holds may be longer than what the source does, and is asked for in parts. */
    private void sort(List<Map.Entry<Row.Key, Row>> rows, List<Row> updates, List<Row> inserts) {
        List<Row> keys = rows.stream().map(Map.Entry::getValue).toList();
        long most = 2 * polling.limits().maxBytes(); // a page's rows are mostly as long there
        Optional<List<Row>> found = target.find(table.target(), table.standingSchema(), keys, most);
        if (found.isEmpty()) {
            int half = rows.size() / 2;
            sort(rows.subList(0, half), updates, inserts);
            sort(rows.subList(half, rows.size()), updates, inserts);
            return;
        }
        Map<Row.Key, Row> standing = new HashMap<>();
        for (Row row : found.get()) {
            Row there = compared(table.standingSchema(), row);
            standing.put(there.key(table.standingSchema().key()), there);
        }
        rows.forEach(
                entry -> {
                    Row row = entry.getValue();
                    Row there = standing.get(entry.getKey());
                    if (there == null) {
                        inserts.add(row);
                    } else if (!there.equals(compared(table.targetSchema(), row))) {
                        updates.add(row);
                    }
                });
    }

    private Row compared(TableSchema schema, Row row) {
        return table.form().of(schema, row);
    }

    private void apply(List<Row> updates, List<Row> inserts) {
        if (!updates.isEmpty()) {
            long touched =
                    session.execute(
                            new UpdateRows(table.targetSchema(), written, updates, updates));
            if (touched != updates.size()) {
                throw new ConnectorException(
                        ErrorClass.RETRY,
                        "%s was written to by another one while rows were compared"
                                .formatted(table.target().table()));
            }
        }
        if (!inserts.isEmpty()) {
            session.execute(new InsertRows(table.targetSchema(), inserts));
        }
    }

    /**
     * A row that is gone or changed on the source may still hold here what one of these is to have,
     * or a key that only this database takes to be the same. All that stands in the way goes; what
     * the source still has of it comes with a later page, by its own cursor.
     */
    private void replace(List<Row> updates, List<Row> inserts) {
        List<Row> all = new ArrayList<>(updates);
        all.addAll(inserts);
        new RowsInTheWay(table, polling).requireNoneTwice(all);
        try {
            makeRoom(all);
            session.execute(new InsertRows(table.targetSchema(), all));
        } catch (ConnectorException e) {
            if (e.errorClass() != ErrorClass.ROW || all.size() == 1) {
                throw e;
            }
            session.rollback();
            makeRoom(all);
            for (Row row : all) { // the one that is refused, or is not told from another, is named
                session.execute(new InsertRows(table.targetSchema(), List.of(row)));
            }
        }
    }

    private void makeRoom(List<Row> rows) {
        session.execute(new DeleteRows(table.targetSchema(), rows));
        UniqueKeys.makeRoom(session, table.otherKeys(), rows);
    }
}
