package io.sluice.change;

import java.time.Instant;
import java.util.Objects;

/**
 * How a source transaction ended: the position after its commit and the moment of its commit by the
 * source's own clock, exact to the microsecond where the source says so.
 *
 * @param origin the database where the changes were first written
 */
public record TransactionEnd(SourcePosition position, Instant commitTime, Origin origin) {

    public TransactionEnd {
        Objects.requireNonNull(position);
        Objects.requireNonNull(commitTime);
        Objects.requireNonNull(origin);
    }
}
