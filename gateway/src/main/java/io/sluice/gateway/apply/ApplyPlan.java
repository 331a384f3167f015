package io.sluice.gateway.apply;

import io.sluice.change.Change;
import io.sluice.change.RowChange;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.change.Truncate;
import io.sluice.connectors.spi.TableOperation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The operations that bring a target to where a run of changes leads, in as few statements as will
 * do.
 *
 * <p>The changes of a table are folded per key into what they amount to: deletes, then updates by
 * the columns that they write, then inserts. Folding leaves out states in between, and may pass
 * through others; a secondary unique key can make such a state collide. That is an error of the
 * target, never another outcome: every row ends as the source left it, or the statement fails and
 * the caller goes through the changes one by one. Whatever folding cannot express ends the fold of
 * its table: a changed key, a truncate, a change of a row that was just deleted. Tables are
 * independent of each other here, so foreign keys must not be enforced while a folded plan runs;
 * {@link #inOrder(List)} is for targets where they are.
 */
public final class ApplyPlan {

    private final List<TableOperation> operations = new ArrayList<>();
    private final Map<TableId, TableFold> folds = new LinkedHashMap<>();

    private ApplyPlan() {}

    /** Folds per table; for targets that do not enforce foreign keys during the apply. */
    public static List<TableOperation> folded(List<Change> changes) {
        ApplyPlan plan = new ApplyPlan();
        for (Change change : changes) {
            switch (change) {
                case RowChange row -> plan.fold(row);
                case Truncate truncate -> plan.truncate(truncate);
            }
        }
        plan.folds.values().forEach(fold -> fold.flush(plan.operations));
        return plan.operations;
    }

    /** Keeps the source's order: only neighbours of one table and one kind share a statement. */
    public static List<TableOperation> inOrder(List<Change> changes) {
        ApplyPlan plan = new ApplyPlan();
        TableFold run = null;
        for (Change change : changes) {
            switch (change) {
                case RowChange row -> {
                    if (run != null && !run.continuesWith(row)) {
                        run.flush(plan.operations);
                        run = null;
                    }
                    if (run == null) {
                        run = new TableFold(row.table());
                    }
                    run.add(row, plan.operations);
                }
                case Truncate truncate -> {
                    if (run != null) {
                        run.flush(plan.operations);
                        run = null;
                    }
                    plan.truncate(truncate);
                }
            }
        }
        if (run != null) {
            run.flush(plan.operations);
        }
        return plan.operations;
    }

    /** The one operation of one change. */
    public static List<TableOperation> single(Change change) {
        return folded(List.of(change));
    }

    private void fold(RowChange row) {
        TableSchema table = row.table();
        TableFold fold = folds.get(table.table());
        if (fold == null) {
            fold = new TableFold(table);
            folds.put(table.table(), fold);
        } else if (fold.table() != table && !fold.table().equals(table)) {
            fold.flush(operations);
            fold = new TableFold(table);
            folds.put(table.table(), fold);
        }
        fold.add(row, operations);
    }

    private void truncate(Truncate truncate) {
        for (TableSchema table : truncate.tables()) {
            TableFold fold = folds.get(table.table());
            if (fold != null) {
                fold.discard();
            }
        }
        operations.add(
                new TableOperation.TruncateTables(
                        truncate.tables().stream().map(TableSchema::table).toList()));
    }
}
