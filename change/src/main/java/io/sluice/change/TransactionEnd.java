package io.sluice.change;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * How a source transaction ended: the position after its commit and the moment of its commit by the
 * source's own clock, exact to the microsecond where the source says so.
 *
 * @param origin the database where the changes were first written
 * @param applied where the source is one of several sites, and the gateway itself applied the
 *     transaction there; its changes are left out then
 */
public record TransactionEnd(
        SourcePosition position, Instant commitTime, Origin origin, Optional<AppliedMark> applied) {

    public TransactionEnd {
        Objects.requireNonNull(position);
        Objects.requireNonNull(commitTime);
        Objects.requireNonNull(origin);
        Objects.requireNonNull(applied);
    }

    /** Of a transaction that nobody's gateway applied, as far as the reader is concerned. */
    public TransactionEnd(SourcePosition position, Instant commitTime, Origin origin) {
        this(position, commitTime, origin, Optional.empty());
    }
}
