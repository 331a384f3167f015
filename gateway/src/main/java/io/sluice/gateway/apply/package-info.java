/**
 * Source transactions become target transactions: whole, in order, several small ones as one.
 *
 * <p>{@link io.sluice.gateway.apply.ApplyPlan} is the decision: pure, from changes to operations on
 * sets of rows. {@link io.sluice.gateway.apply.Applier} carries it out: it groups, executes,
 * compares what the target says it touched with what the source changed, and commits rows and
 * checkpoint as one. When a set fails, its group is divided, down to the transaction that the
 * refusal is about, which is done row by row in the source's order; what then still fails is the
 * one row that is to blame, and nothing of its transaction stays.
 *
 * <p>A transaction too large to hold is written as it comes, in a target transaction of its own
 * that commits when the source's end has come.
 */
@NullMarked
package io.sluice.gateway.apply;

import org.jspecify.annotations.NullMarked;
