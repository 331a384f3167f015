package io.sluice.change;

import java.util.OptionalLong;

/**
 * Where a source's log stands after a commit. Positions of one source are compared by what they
 * cover, not by what they look like; positions of different sources are not compared at all.
 */
public sealed interface SourcePosition permits Lsn, BinlogPosition {

    /** Reads what {@link #text} gave: the one place that tells those of different engines apart. */
    static SourcePosition parse(String text) {
        return BinlogPosition.isOne(text) ? BinlogPosition.parse(text) : Lsn.parse(text);
    }

    /** Whether everything that {@code other} covers is covered by this position too. */
    boolean covers(SourcePosition other);

    /**
     * Whether who has read the log up to {@code read}, and is about to read the transaction that
     * ends at {@code next}, has read all that this position covers.
     */
    boolean isPassed(SourcePosition read, SourcePosition next);

    /**
     * Whether this position covers the one transaction that who has read the log up to {@code read}
     * reads next, and that ends at {@code next}.
     */
    boolean hasNext(SourcePosition read, SourcePosition next);

    /**
     * Bytes of log from {@code earlier} to this position, never negative; empty where the two
     * cannot be compared so.
     */
    OptionalLong bytesSince(SourcePosition earlier);

    /** The form in which the position is stored and shown. */
    String text();
}
