package io.sluice.gateway.apply;

import io.sluice.change.Change;
import io.sluice.change.RowChange;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.change.Truncate;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * How many changes of each kind there were, in all and of each table. Used by one thread, once for
 * every change: neighbours are mostly of one table, which is looked up once.
 */
final class ChangeCounts {

    private final long[] all = none();
    private final Map<TableId, long[]> byTable = new HashMap<>();
    private @Nullable TableId last;
    private long[] ofLast = none();

    void add(Change change) {
        int kind = Operation.of(change).ordinal();
        all[kind]++;
        switch (change) {
            case RowChange row -> of(row.table().table())[kind]++;
            case Truncate truncate -> {
                for (TableSchema table : truncate.tables()) {
                    of(table.table())[kind]++;
                }
            }
        }
    }

    /** What there was, by kind. */
    Map<Operation, Long> all() {
        return counts(all);
    }

    /** Tells what there was of each table. */
    void forEachTable(BiConsumer<TableId, Map<Operation, Long>> told) {
        byTable.forEach((table, counts) -> told.accept(table, counts(counts)));
    }

    void clear() {
        Arrays.fill(all, 0);
        byTable.clear();
        last = null;
    }

    private long[] of(TableId table) {
        if (table != last) {
            ofLast = byTable.computeIfAbsent(table, t -> none());
            last = table;
        }
        return ofLast;
    }

    private static long[] none() {
        return new long[Operation.values().length];
    }

    private static Map<Operation, Long> counts(long[] counts) {
        Map<Operation, Long> some = new EnumMap<>(Operation.class);
        for (Operation operation : Operation.values()) {
            if (counts[operation.ordinal()] > 0) {
                some.put(operation, counts[operation.ordinal()]);
            }
        }
        return some;
    }
}
