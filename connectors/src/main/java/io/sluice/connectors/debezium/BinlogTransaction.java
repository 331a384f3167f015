package io.sluice.connectors.debezium;

import io.sluice.change.Alteration;
import io.sluice.change.Change;
import io.sluice.change.GtidSet;
import io.sluice.change.TransactionEnd;
import io.sluice.change.TransactionPiece;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A transaction of the log whose end has not been read. Used by one thread. */
final class BinlogTransaction {

    final @Nullable GtidSet gtid;
    final Instant commitTime;

    /** Whether the checkpoint has it already. */
    final boolean known;

    boolean begun;
    boolean xa;

    private final CaptureLimits limits;
    private boolean first = true;
    private boolean changed;
    private List<Change> changes = new ArrayList<>();
    private long bytes;
    private @Nullable Alteration alteration;

    BinlogTransaction(
            @Nullable GtidSet gtid, Instant commitTime, boolean known, CaptureLimits limits) {
        this.gtid = gtid;
        this.commitTime = commitTime;
        this.known = known;
        this.limits = limits;
    }

    void add(Change change) {
        changed = true;
        if (!known) {
            changes.add(change);
            bytes += change.sizeInBytes();
        }
    }

    void alter(Alteration found) {
        if (!known) {
            alteration = found;
        }
    }

    /** Whether it has touched replicated tables. */
    boolean hasChanges() {
        return changed;
    }

    boolean isFull() {
        return changes.size() >= limits.pieceRows() || bytes >= limits.pieceBytes();
    }

    TransactionPiece piece(Optional<TransactionEnd> end) {
        TransactionPiece piece =
                new TransactionPiece(
                        first, commitTime, Optional.ofNullable(alteration), changes, end);
        alteration = null;
        first = false;
        changes = new ArrayList<>();
        bytes = 0;
        return piece;
    }
}
