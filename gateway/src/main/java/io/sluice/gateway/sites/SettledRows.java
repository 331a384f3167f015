package io.sluice.gateway.sites;

import io.sluice.change.Row;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.TableOperation;
import io.sluice.connectors.spi.TableOperation.DeleteRows;
import io.sluice.connectors.spi.TableOperation.InsertRows;
import io.sluice.connectors.spi.TableOperation.UpdateRows;
import io.sluice.connectors.spi.TargetSession;
import io.sluice.gateway.apply.RacedException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Rows that are to become what was decided, written a table at a time. Used by one thread. */
final class SettledRows {

    private final TargetSession session;
    private final Map<TableSchema, Lists> tables = new LinkedHashMap<>();

    private record Lists(List<Row> deleted, List<Row> before, List<Row> after, List<Row> inserted) {
        Lists() {
            this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        }
    }

    SettledRows(TargetSession session) {
        this.session = session;
    }

    void become(TableSchema table, Optional<Row> before, Optional<Row> after) {
        if (before.equals(after)) {
            return;
        }
        Lists lists = tables.computeIfAbsent(table, t -> new Lists());
        if (after.isEmpty()) {
            lists.deleted.add(before.orElseThrow());
        } else if (before.isEmpty()) {
            lists.inserted.add(after.get());
        } else {
            lists.before.add(before.get());
            lists.after.add(after.get());
        }
    }

    /** Forgets what an attempt that was given up had decided. */
    void drop() {
        tables.clear();
    }

    /** Deletions go first, for what they leave may be what others take. */
    void flush() {
        Map<TableSchema, Lists> all = new LinkedHashMap<>(tables);
        tables.clear();
        all.forEach((table, lists) -> execute(new DeleteRows(table, lists.deleted), lists.deleted));
        all.forEach(
                (table, lists) ->
                        execute(
                                new UpdateRows(table, values(table), lists.before, lists.after),
                                lists.before));
        all.forEach(
                (table, lists) -> execute(new InsertRows(table, lists.inserted), lists.inserted));
    }

    private static List<Integer> values(TableSchema table) {
        return IntStream.range(0, table.columns().size())
                .filter(position -> !table.key().contains(position))
                .boxed()
                .toList();
    }

    private void execute(TableOperation operation, List<Row> rows) {
        if (!rows.isEmpty() && session.execute(operation) != rows.size()) {
            throw new RacedException(
                    "A row that was decided on is not there any more: nothing is applied.");
        }
    }
}
