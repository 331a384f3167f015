package io.sluice.gateway.keybased;

import io.sluice.change.Row;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TableReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Rows of the target that hold a unique value of others that are to be written. Most are gone or
 * changed on the source, and may go. But where the target takes values to be the same that the
 * source tells apart, as by a collation that ignores case, both rows are there, the target can hold
 * one of them only, and each would drive out the other. Used by one thread.
 */
final class RowsInTheWay {

    private final KeyedTable table;
    private final Polling polling;

    /** A row as one side gave it, and as it is compared. */
    private record Held(Row row, Row common) {}

    RowsInTheWay(KeyedTable table, Polling polling) {
        this.table = table;
        this.polling = polling;
    }

    /**
     * @param rows the source's
     * @throws ConnectorException ROW if one of them and one in its way are both on the source
     */
    void requireNoneTwice(List<Row> rows) {
        List<Held> wanted =
                rows.stream()
                        .map(row -> new Held(row, table.form().of(table.targetSchema(), row)))
                        .toList();
        Set<Row.Key> own = new HashSet<>();
        wanted.forEach(held -> own.add(held.common().key(table.targetSchema().key())));
        requireNoneTwice(wanted, own, table.targetSchema().key());
        table.otherKeys().forEach(key -> requireNoneTwice(wanted, own, key.key()));
    }

    private void requireNoneTwice(List<Held> wanted, Set<Row.Key> own, List<Integer> unique) {
        List<Held> named =
                wanted.stream()
                        .filter(held -> unique.stream().allMatch(i -> held.row().get(i) != null))
                        .toList();
        if (alive(strangers(named, own, unique), unique) == 0) {
            return;
        }
        for (Held row : named) {
            for (Held stranger : strangers(List.of(row), own, unique)) {
                // Asked for in one statement: what it finds is there at the same time.
                if (alive(List.of(row, stranger), unique) == 2) {
                    throw twice(unique);
                }
            }
        }
    }

    /** What the target has under the unique values of the rows, and is none of them. */
    private List<Held> strangers(List<Held> named, Set<Row.Key> own, List<Integer> unique) {
        TableSchema standing = table.standingSchema();
        List<Held> strangers = new ArrayList<>();
        find(
                polling.target(),
                table.target(),
                new TableSchema(standing.table(), standing.columns(), unique),
                named,
                row -> {
                    Row common = table.form().of(standing, row);
                    if (!own.contains(common.key(standing.key()))) {
                        strangers.add(new Held(row, common));
                    }
                });
        return strangers;
    }

    /** How many of the rows the source still has, with the same unique values. */
    private long alive(List<Held> rows, List<Integer> unique) {
        List<Integer> identity = new ArrayList<>(table.sourceSchema().key());
        identity.addAll(unique);
        Set<Row.Key> there = new HashSet<>();
        find(
                polling.source(),
                table.source(),
                table.sourceSchema(),
                rows,
                row -> there.add(table.form().of(table.sourceSchema(), row).key(identity)));
        return rows.stream().filter(held -> there.contains(held.common().key(identity))).count();
    }

    private void find(
            TableReader reader,
            TableDefinition from,
            TableSchema schema,
            List<Held> rows,
            Consumer<Row> found) {
        if (rows.isEmpty()) {
            return;
        }
        List<Row> keys = rows.stream().map(Held::row).toList();
        // Two are always asked for together.
        long most = rows.size() == 2 ? Long.MAX_VALUE : polling.limits().maxBytes();
        var some = reader.find(from, schema, keys, most);
        if (some.isPresent()) {
            some.get().forEach(found);
        } else {
            int half = rows.size() / 2;
            find(reader, from, schema, rows.subList(0, half), found);
            find(reader, from, schema, rows.subList(half, rows.size()), found);
        }
    }

    private ConnectorException twice(List<Integer> unique) {
        List<String> columns =
                unique.stream().map(i -> table.targetSchema().columns().get(i).name()).toList();
        return new ConnectorException(
                ErrorClass.ROW,
                ("%s: the source has two rows whose values of %s are the same to the target, which"
                                + " can hold only one of them. Give the columns a collation there"
                                + " that tells them apart, or drop the target's unique key.")
                        .formatted(table.target().table(), String.join(", ", columns)));
    }
}
