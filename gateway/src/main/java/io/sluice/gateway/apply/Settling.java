package io.sluice.gateway.apply;

import io.sluice.change.Change;
import io.sluice.change.RowChange;
import io.sluice.change.TransactionEnd;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.ConnectorException;
import java.util.List;

/**
 * Decides, inside the target's transaction, what becomes of changes of rows that the target's own
 * users may have written meanwhile. Used by the applying thread.
 */
public interface Settling {

    /**
     * Writes the changes that met a conflict as they were settled.
     *
     * @param converging whether rows may be of a later moment than the changes, as those of a copy
     * @return the others, in their order, to be written as they are
     */
    List<Change> settle(List<Change> changes, boolean converging);

    /**
     * Makes sure, when all is written and before it is committed, and after each part of what is
     * written as it comes, that nothing was decided on what had changed meanwhile.
     *
     * @throws RacedException if something was; what is not confirmed is to be undone and done again
     */
    void confirm();

    /** Whether a change that the target refuses may be put aside, by {@link #putAside}. */
    default boolean takes(RowChange change) {
        return false;
    }

    /**
     * Puts a change aside that was refused and is undone.
     *
     * @return whether it is; else the refusal stands
     */
    default boolean putAside(RowChange change, ConnectorException refusal) {
        return false;
    }

    /** Whether the same may succeed at once, when all of it is undone. */
    default boolean isRace(ConnectorException failure) {
        return failure instanceof RacedException;
    }

    /** The session has set a point to come back to, in place of the one before. */
    void savepoint();

    /** All since that point is undone. */
    void rolledBackToSavepoint();

    /** All since the last commit is undone. */
    void rolledBack();

    /**
     * Writes what belongs to a commit.
     *
     * @param last that is covered by it
     * @return the checkpoint as it is to be committed
     */
    Checkpoint committing(Checkpoint next, TransactionEnd last);

    /** The checkpoint is durable. */
    void committed(Checkpoint checkpoint);

    /** All up to this end is durable: it came again. */
    void skipped(TransactionEnd end);

    /** Where rows are nobody's but the source's: everything is written as it is. */
    Settling NONE =
            new Settling() {
                @Override
                public List<Change> settle(List<Change> changes, boolean converging) {
                    return changes;
                }

                @Override
                public void confirm() {}

                @Override
                public void savepoint() {}

                @Override
                public void rolledBackToSavepoint() {}

                @Override
                public void rolledBack() {}

                @Override
                public Checkpoint committing(Checkpoint next, TransactionEnd last) {
                    return next;
                }

                @Override
                public void committed(Checkpoint checkpoint) {}

                @Override
                public void skipped(TransactionEnd end) {}
            };
}
