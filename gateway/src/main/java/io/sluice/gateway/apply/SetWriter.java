package io.sluice.gateway.apply;

import io.sluice.change.Change;
import io.sluice.change.SourcePosition;
import io.sluice.connectors.spi.TableOperation;
import io.sluice.connectors.spi.TableOperation.DeleteRows;
import io.sluice.connectors.spi.TableOperation.InsertRows;
import io.sluice.connectors.spi.TableOperation.TruncateTables;
import io.sluice.connectors.spi.TableOperation.UpdateRows;
import io.sluice.connectors.spi.TargetSession;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes a set of changes in as few statements as will do. Used by one thread. */
final class SetWriter {

    private final TargetSession session;
    private final boolean keepOrder;
    private final TradingTables trading = new TradingTables();

    /**
     * @param keepOrder whether the target enforces foreign keys, so that tables are not independent
     */
    SetWriter(TargetSession session, boolean keepOrder) {
        this.session = session;
        this.keepOrder = keepOrder;
    }

    /**
     * Writes a set; what is not known to be written is rolled back by the caller.
     *
     * @param applied what the target has
     * @param convergence null where all rows are of there
     */
    void write(List<Change> changes, SourcePosition applied, @Nullable Convergence convergence) {
        if (convergence != null) {
            new ConvergingWriter(session, convergence, applied, trading::plan, this::execute)
                    .write(changes);
        } else {
            List<TableOperation> operations =
                    keepOrder ? ApplyPlan.inOrder(changes) : trading.plan(changes);
            operations.forEach(this::execute);
        }
        trading.written(changes);
    }

    /** Whether a set that was refused will be written otherwise when it is tried again. */
    boolean canDoOtherwise() {
        return !keepOrder && trading.refused();
    }

    /**
     * Executes and compares: a target that differs from what the source changed is noticed here.
     */
    private void execute(TableOperation operation) {
        trading.begins(operation);
        long touched = session.execute(operation);
        long expected =
                switch (operation) {
                    case InsertRows insert -> insert.rows().size();
                    case UpdateRows update -> update.before().size();
                    case DeleteRows delete -> delete.before().size();
                    case TruncateTables truncate -> touched;
                };
        if (touched != expected) {
            throw RowMismatch.failure(operation, touched, expected);
        }
    }
}
