/**
 * The initial copy: the tables as they stood at one moment of the source, joined to the log at
 * exactly that moment.
 *
 * <p>First the source is made to keep its log and to hold the snapshot that belongs to the log's
 * first position. Then the target's checkpoint says {@code COPYING}; from here on what the tables
 * hold is the copy's own. Each table is cut into parts, which several workers copy; a part's rows
 * are committed in one transaction with the mark that they are there. When all are, the checkpoint
 * becomes {@code STREAMING} at the log's first position, and the log follows.
 *
 * <p>A snapshot ends with the connection that holds it. What is done by then stays; the rest is
 * copied from a later snapshot, and the log is still followed from its first position. Until the
 * last snapshot's position the target then holds rows of different moments, and the log's changes
 * are applied so that they come together: see {@code Convergence} in {@code gateway.apply}.
 */
@NullMarked
package io.sluice.gateway.snapshot;

import org.jspecify.annotations.NullMarked;
