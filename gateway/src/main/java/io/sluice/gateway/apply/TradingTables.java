package io.sluice.gateway.apply;

import io.sluice.change.Change;
import io.sluice.change.RowChange;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.change.Truncate;
import io.sluice.connectors.spi.TableOperation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Tables whose rows trade the values of a secondary unique key, for the sets in which they do. Used
 * by one thread.
 *
 * <p>Folded, two rows that swap a seat collide, for the states in between are left out; change by
 * change they pass through the same states as at the source. Only such a table is written so, and
 * only for a while: the other tables of the set are folded as ever. For targets that do not enforce
 * foreign keys, where tables are independent of each other.
 */
final class TradingTables {

    /** For how many sets a table is spared the attempt. */
    static final int SETS = 32;

    private final Map<TableId, Integer> setsLeft = new HashMap<>();

    // What is being carried out: its table, if it is of one.
    private @Nullable TableId current;

    /** The operations of a set; they are to be announced by {@link #begins}. */
    List<TableOperation> plan(List<Change> changes) {
        List<TableOperation> operations = new ArrayList<>();
        List<Change> others = new ArrayList<>();
        for (Change change : changes) {
            switch (change) {
                case RowChange row when isApart(row.table().table()) ->
                        operations.addAll(ApplyPlan.single(row));
                case RowChange row -> others.add(row);
                case Truncate truncate -> {
                    if (truncate.tables().stream().anyMatch(table -> isApart(table.table()))) {
                        operations.addAll(ApplyPlan.folded(others));
                        others.clear();
                        operations.addAll(ApplyPlan.single(truncate));
                    } else {
                        others.add(truncate);
                    }
                }
            }
        }
        operations.addAll(ApplyPlan.folded(others));
        return operations;
    }

    private boolean isApart(TableId table) {
        return setsLeft.containsKey(table);
    }

    /** Notes what is about to be carried out. */
    void begins(TableOperation operation) {
        current =
                switch (operation) {
                    case TableOperation.InsertRows insert -> insert.table().table();
                    case TableOperation.UpdateRows update -> update.table().table();
                    case TableOperation.DeleteRows delete -> delete.table().table();
                    case TableOperation.TruncateTables truncate -> null;
                };
    }

    /**
     * Of a set that was refused: takes the table that the refusal is about out of the fold, or back
     * into it where it is refused change by change too, so that its rows do not trade.
     *
     * @return false if it was not folded, so that the same would be refused again
     */
    boolean refused() {
        TableId table = current;
        current = null;
        if (table == null || setsLeft.remove(table) != null) {
            return false;
        }
        setsLeft.put(table, SETS);
        return true;
    }

    /** A set is through. One of a single change is the same either way, and so does not count. */
    void written(List<Change> changes) {
        current = null;
        if (setsLeft.isEmpty() || changes.size() < 2) {
            return;
        }
        Set<TableId> written =
                changes.stream().flatMap(TradingTables::tables).collect(Collectors.toSet());
        for (TableId table : written) {
            setsLeft.computeIfPresent(table, (apart, left) -> left == 1 ? null : left - 1);
        }
    }

    private static Stream<TableId> tables(Change change) {
        return switch (change) {
            case RowChange row -> Stream.of(row.table().table());
            case Truncate truncate -> truncate.tables().stream().map(TableSchema::table);
        };
    }
}
