/**
 * The initial copy: the tables as they stood at one moment of the source, joined to the log at
 * exactly that moment.
 *
 * <p>First the source is made to keep its log and to hold the snapshot that belongs to the log's
 * first position. Then the target's checkpoint says {@code COPYING} and names the tables that are
 * being filled; from here on what these tables hold is the copy's own, and a copy that was cut off
 * empties them and begins again. When all rows are there the checkpoint becomes {@code STREAMING}
 * at the snapshot's position, in one transaction, and the log follows.
 */
@NullMarked
package io.sluice.gateway.snapshot;

import org.jspecify.annotations.NullMarked;
