/**
 * The record of conflicts, for those who look at it and resolve them.
 *
 * <p>Each site has a record of its own, of what was decided there; {@link
 * io.sluice.gateway.conflicts.ConflictDesk} shows them as one. {@link
 * io.sluice.gateway.conflicts.Resolving} decides what a row becomes, without touching anything; the
 * database writes that as any of its users would, so that it is a change like all others and comes
 * to every site.
 */
@NullMarked
package io.sluice.gateway.conflicts;

import org.jspecify.annotations.NullMarked;
