package io.sluice.gateway.apply;

import io.sluice.change.Row;
import io.sluice.change.RowChange;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.TableOperation;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the changes of one table amount to whose rows have no key. Used by one thread.
 *
 * <p>Of rows that are equal, one is as good as the other: a table is how many there are of each. So
 * a row that is written and then deleted leaves no trace, and one that is written and then changed
 * is written as it became. What is left are deletes and changes of rows that were there before all
 * of it, in any order, and then inserts. A row that the source deletes and then writes again is
 * deleted and written: that it was there is checked.
 *
 * <p>Two forms of one value are two rows here. The delete of a row under another form is then left
 * for the target to find, where it is not yet, and the caller goes through the changes one by one.
 */
final class KeylessFold {

    private final TableSchema table;
    private final Map<Row, Deque<Row>> added = new LinkedHashMap<>();
    private final Map<Row, Deque<Changed>> changed = new LinkedHashMap<>();
    private final List<Row> removed = new ArrayList<>();

    /**
     * @param before as it is on the target
     * @param after with what was not sent left out, if nothing else has happened to it
     */
    private record Changed(Row before, Row after) {}

    KeylessFold(TableSchema table) {
        this.table = table;
    }

    void add(RowChange change) {
        switch (change) {
            case RowChange.Insert insert -> put(added, insert.after(), insert.after());
            case RowChange.Update update -> update(update.before(), update.after());
            case RowChange.Delete delete -> delete(delete.before());
        }
    }

    private void update(Row before, Row after) {
        Row whole = after.over(before);
        if (take(added, before) != null) {
            put(added, whole, whole);
            return;
        }
        Changed earlier = take(changed, before);
        put(
                changed,
                whole,
                earlier == null
                        ? new Changed(before, after)
                        : new Changed(earlier.before(), whole));
    }

    private void delete(Row before) {
        if (take(added, before) != null) {
            return;
        }
        Changed earlier = take(changed, before);
        removed.add(earlier == null ? before : earlier.before());
    }

    private static <V> void put(Map<Row, Deque<V>> rows, Row row, V value) {
        rows.computeIfAbsent(row, r -> new ArrayDeque<>(1)).add(value);
    }

    private static <V> @Nullable V take(Map<Row, Deque<V>> rows, Row row) {
        Deque<V> equal = rows.get(row);
        if (equal == null) {
            return null;
        }
        V last = equal.removeLast();
        if (equal.isEmpty()) {
            rows.remove(row);
        }
        return last;
    }

    void discard() {
        added.clear();
        changed.clear();
        removed.clear();
    }

    void flush(List<TableOperation> operations) {
        if (!removed.isEmpty()) {
            operations.add(new TableOperation.DeleteRows(table, List.copyOf(removed)));
        }
        Map<List<Integer>, List<Changed>> alike = new LinkedHashMap<>();
        for (Deque<Changed> equal : changed.values()) {
            for (Changed one : equal) {
                alike.computeIfAbsent(sent(one.after()), w -> new ArrayList<>()).add(one);
            }
        }
        alike.forEach(
                (written, rows) ->
                        operations.add(
                                new TableOperation.UpdateRows(
                                        table,
                                        written,
                                        rows.stream().map(Changed::before).toList(),
                                        rows.stream().map(Changed::after).toList())));
        List<Row> inserts = new ArrayList<>();
        added.values().forEach(inserts::addAll);
        if (!inserts.isEmpty()) {
            operations.add(new TableOperation.InsertRows(table, inserts));
        }
        discard();
    }

    private static List<Integer> sent(Row row) {
        List<Integer> sent = new ArrayList<>(row.size());
        for (int i = 0; i < row.size(); i++) {
            if (row.isSent(i)) {
                sent.add(i);
            }
        }
        return List.copyOf(sent);
    }
}
