package io.sluice.gateway.apply;

import io.sluice.change.Row;
import io.sluice.change.RowChange;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.TableOperation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the changes of one table amount to, per key. Used by one thread.
 *
 * <p>The states of a key and what moves them; whatever is not listed flushes the fold first, and
 * the target then judges it:
 *
 * <pre>
 *   (nothing) --insert--> Added    --update--> Added,  --delete--> (nothing)
 *   (nothing) --update--> Changed  --update--> Changed, --delete--> Removed
 *   (nothing) --delete--> Removed  --insert--> Replaced
 *   Replaced  --update--> Replaced, --delete--> Removed
 * </pre>
 */
final class TableFold {

    private final TableSchema table;
    private final Map<Row.Key, Net> nets = new LinkedHashMap<>();

    // Of a table without a key; then there is nothing else.
    private final KeylessFold keyless;

    TableFold(TableSchema table) {
        this.table = table;
        keyless = new KeylessFold(table);
    }

    TableSchema table() {
        return table;
    }

    /** What a key's changes amount to. */
    private sealed interface Net {
        record Added(Row after) implements Net {}

        record Changed(Row before, Row after) implements Net {}

        record Removed(Row before) implements Net {}

        record Replaced(Row before, Row after) implements Net {}
    }

    /** Takes a change in; what cannot be folded further is first written to {@code operations}. */
    void add(RowChange change, List<TableOperation> operations) {
        if (!table.hasKey()) {
            keyless.add(change);
            return;
        }
        if (change instanceof RowChange.Update update && update.changesKey()) {
            flush(operations);
            operations.add(updateOf(List.of(update.before()), List.of(update.after()), true));
            return;
        }
        Row.Key key = keyOf(change);
        Net standing = nets.get(key);
        if (standing != null && !folds(standing, change)) {
            flush(operations);
            standing = null;
        }
        if (standing instanceof Net.Added && change instanceof RowChange.Delete) {
            nets.remove(key);
        } else {
            nets.put(key, fold(standing, change));
        }
    }

    /** Whether a change may join this run without going before any change that is in it. */
    boolean continuesWith(RowChange change) {
        if (change.table() != table && !change.table().equals(table)) {
            return false;
        }
        if (!table.hasKey() || nets.isEmpty()) {
            return true;
        }
        if (nets.containsKey(keyOf(change))) {
            return false;
        }
        Net any = nets.values().iterator().next();
        return switch (change) {
            case RowChange.Insert i -> any instanceof Net.Added;
            case RowChange.Update u -> any instanceof Net.Changed && !u.changesKey();
            case RowChange.Delete d -> any instanceof Net.Removed;
        };
    }

    /** Forgets what a truncate makes void. */
    void discard() {
        nets.clear();
        keyless.discard();
    }

    void flush(List<TableOperation> operations) {
        keyless.flush(operations);
        List<Row> removed = new ArrayList<>();
        Map<List<Integer>, List<Net.Changed>> changed = new LinkedHashMap<>();
        List<Row> added = new ArrayList<>();
        for (Net net : nets.values()) {
            switch (net) {
                case Net.Added a -> added.add(a.after());
                case Net.Removed r -> removed.add(r.before());
                case Net.Replaced r -> {
                    removed.add(r.before());
                    added.add(r.after());
                }
                case Net.Changed c ->
                        changed.computeIfAbsent(
                                        written(table, c.after(), false), w -> new ArrayList<>())
                                .add(c);
            }
        }
        if (!removed.isEmpty()) {
            operations.add(new TableOperation.DeleteRows(table, removed));
        }
        changed.values()
                .forEach(
                        same ->
                                operations.add(
                                        updateOf(
                                                same.stream().map(Net.Changed::before).toList(),
                                                same.stream().map(Net.Changed::after).toList(),
                                                false)));
        if (!added.isEmpty()) {
            operations.add(new TableOperation.InsertRows(table, added));
        }
        discard();
    }

    private static boolean folds(Net standing, RowChange change) {
        return switch (standing) {
            case Net.Added a -> !(change instanceof RowChange.Insert);
            case Net.Changed c -> !(change instanceof RowChange.Insert);
            case Net.Removed r -> change instanceof RowChange.Insert;
            case Net.Replaced r -> !(change instanceof RowChange.Insert);
        };
    }

    private static Net fold(@Nullable Net standing, RowChange change) {
        return switch (change) {
            case RowChange.Insert insert ->
                    standing instanceof Net.Removed removed
                            ? new Net.Replaced(removed.before(), insert.after())
                            : new Net.Added(insert.after());
            case RowChange.Update update ->
                    switch (standing) {
                        case Net.Added added -> new Net.Added(update.after().over(added.after()));
                        case Net.Changed earlier ->
                                new Net.Changed(
                                        earlier.before(), update.after().over(earlier.after()));
                        case Net.Replaced replaced ->
                                new Net.Replaced(
                                        replaced.before(), update.after().over(replaced.after()));
                        case null, default -> new Net.Changed(update.before(), update.after());
                    };
            case RowChange.Delete delete ->
                    switch (standing) {
                        case Net.Changed changed -> new Net.Removed(changed.before());
                        case Net.Replaced replaced -> new Net.Removed(replaced.before());
                        case null, default -> new Net.Removed(delete.before());
                    };
        };
    }

    private Row.Key keyOf(RowChange change) {
        return switch (change) {
            case RowChange.Insert insert -> insert.after().key(table.key());
            case RowChange.Update update -> update.before().key(table.key());
            case RowChange.Delete delete -> delete.before().key(table.key());
        };
    }

    private TableOperation updateOf(List<Row> before, List<Row> after, boolean withKey) {
        return new TableOperation.UpdateRows(
                table, written(table, after.getFirst(), withKey), before, after);
    }

    /** The columns that were sent; the key's own only where it changes. */
    static List<Integer> written(TableSchema table, Row after, boolean withKey) {
        List<Integer> written = new ArrayList<>(after.size());
        for (int i = 0; i < after.size(); i++) {
            if (after.isSent(i) && (withKey || !table.key().contains(i))) {
                written.add(i);
            }
        }
        return List.copyOf(written);
    }
}
