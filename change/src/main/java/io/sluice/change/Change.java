package io.sluice.change;

/** One step of a source transaction. The order within the transaction is the source's own. */
public sealed interface Change permits RowChange, Truncate {

    /** A bound from above on the heap that this change holds, in bytes. */
    long sizeInBytes();
}
