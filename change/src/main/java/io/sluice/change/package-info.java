/**
 * The change model: what a source committed, in terms that no database and no broker owns.
 *
 * <p>A source hands over {@link io.sluice.change.TransactionPiece pieces} of its transactions, in
 * commit order. A small transaction is one piece; a large one is many, so that nobody ever holds it
 * whole. A piece carries {@link io.sluice.change.Change changes}, each under the {@link
 * io.sluice.change.TableSchema} that was in force when it was written, and the last piece of a
 * transaction carries its {@link io.sluice.change.TransactionEnd}: where the log stood after the
 * commit, and when it was committed.
 *
 * <p>Values are in one canonical Java form per {@link io.sluice.change.LogicalType}; rows are
 * positional. A value that the source did not send is {@link io.sluice.change.Row#NOT_SENT}, which
 * is neither null nor any value.
 *
 * <p>Everything here is immutable and uses the JDK's {@code java.base} alone.
 */
@NullMarked
package io.sluice.change;

import org.jspecify.annotations.NullMarked;
