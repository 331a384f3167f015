package io.sluice.change;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A run of changes of one source transaction. The pieces of a transaction follow each other without
 * those of another in between; the last one carries the end.
 *
 * <p>A transaction that changed no replicated table still ends: it moves the position on, and it is
 * how a heartbeat travels.
 *
 * @param first whether the transaction begins with this piece; what came before without an end is
 *     void, the source will send it again
 * @param commitTime the moment of the commit by the source's clock, known from the first piece on
 * @param alteration of a table, which is to be followed before the changes and whatever comes later
 */
public record TransactionPiece(
        boolean first,
        Instant commitTime,
        Optional<Alteration> alteration,
        List<Change> changes,
        Optional<TransactionEnd> end) {

    public TransactionPiece {
        Objects.requireNonNull(commitTime);
        Objects.requireNonNull(alteration);
        changes = List.copyOf(changes);
        Objects.requireNonNull(end);
    }

    /** A piece of rows, which alters nothing. */
    public TransactionPiece(
            boolean first, Instant commitTime, List<Change> changes, Optional<TransactionEnd> end) {
        this(first, commitTime, Optional.empty(), changes, end);
    }

    /** A bound from above on the heap that this piece holds, in bytes. */
    public long sizeInBytes() {
        long bytes = 64;
        for (Change change : changes) {
            bytes += change.sizeInBytes();
        }
        return bytes;
    }
}
