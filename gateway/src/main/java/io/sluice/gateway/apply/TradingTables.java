package io.sluice.gateway.apply;

import io.sluice.change.Change;
import io.sluice.change.RowChange;
import io.sluice.change.TableId;
import io.sluice.change.Truncate;
import io.sluice.connectors.spi.TableOperation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

    // What is being carried out; its table if that was folded.
    private @Nullable TableId folded;

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
        TableId table =
                switch (operation) {
                    case TableOperation.InsertRows insert -> insert.table().table();
                    case TableOperation.UpdateRows update -> update.table().table();
                    case TableOperation.DeleteRows delete -> delete.table().table();
                    case TableOperation.TruncateTables truncate -> null;
                };
        folded = table == null || isApart(table) ? null : table;
    }

    /**
     * Of a set that was refused: takes the table that the refusal is about out of the fold.
     *
     * @return false if it was not folded, so that the same would be refused again
     */
    boolean refused() {
        if (folded == null) {
            return false;
        }
        setsLeft.put(folded, SETS);
        folded = null;
        return true;
    }

    /** A set is through. */
    void written() {
        folded = null;
        setsLeft.replaceAll((table, left) -> left - 1);
        setsLeft.values().removeIf(left -> left == 0);
    }
}
