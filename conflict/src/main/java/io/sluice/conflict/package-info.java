/**
 * What a conflict is, and how it is decided: pure, without clock, database or log.
 *
 * <p><b>The picture.</b> Every site takes writes, and every write goes from where it was made
 * straight to each other site, in the order of its own site, in any order towards those of others.
 * Nothing is passed on by a third, and no decision travels: each site decides by itself, and all
 * must come to the same. So what stands must depend on which writes have arrived, never on the
 * order in which they did.
 *
 * <p><b>What is known of a write</b> ({@link io.sluice.conflict.Incoming}): when and where it was
 * made ({@link io.sluice.conflict.Version}), what its site had seen of the others ({@link
 * io.sluice.conflict.Seen}), and after which deletion of the same key it came (its life). A write
 * whose site had seen what stands here is no conflict, whatever the policy: it simply follows.
 * Comparing origins alone, as databases do, would call it one, and a policy such as keep-local
 * would undo work that was done one after another.
 *
 * <p><b>Two ways to decide.</b> A table whose rows are decided as a whole has one {@link
 * io.sluice.conflict.RowVersion version} per row. Where columns have policies of their own a row is
 * of many writes, and parts of it have versions ({@link io.sluice.conflict.RowVersion#marks}). Then
 * no single time says whether a deletion is later than the row, so a deletion is final: it beats
 * what it did not know of, and what is inserted afterwards is another row, of a later life.
 *
 * <p><b>Why the obvious does not do.</b> Commit times of two clocks do not tell who wrote in
 * knowledge of whom; {@link io.sluice.change.HybridTimestamp} does. A rule that lets one of two
 * writes stay, made of priority here and knowledge there, goes round in a circle as soon as there
 * are three: the first beats the second, the third was built on the first, the second beats the
 * third. {@link io.sluice.conflict.Convergence} refuses what cannot converge, and the simulator in
 * the tests found the rules.
 *
 * <p>{@link io.sluice.conflict.TablePolicy} is the way in; {@link io.sluice.conflict.MergePolicy}
 * is what others can add to.
 */
@NullMarked
package io.sluice.conflict;

import org.jspecify.annotations.NullMarked;
