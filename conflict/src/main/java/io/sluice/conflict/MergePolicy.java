package io.sluice.conflict;

import io.sluice.change.Column;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Decides conflicts. A policy is pure: the same conflict gives the same decision, at every site and
 * at any time; it is asked by many threads.
 *
 * <p>Nobody asks a policy about a change at the site where it was made: there it stands. So a
 * policy converges only if it would have decided likewise, and that is what {@link #guarantee}
 * tells of.
 */
public interface MergePolicy {

    Decision decide(Conflict conflict);

    /** What becomes of the sites under this policy, and what it needs for that. */
    Guarantee guarantee();

    /**
     * Whether it is asked of every change, and not only of those that were made without knowledge
     * of what stands: a counter takes the difference of each.
     */
    default boolean joinsEveryChange() {
        return false;
    }

    /** Whether each column is to have a version of its own, instead of all having one. */
    default boolean dividesColumns() {
        return false;
    }

    /**
     * Whether it asks for {@link RowVersion#since}, for which the times of all writes are kept that
     * another site has not seen.
     */
    default boolean asksSince() {
        return false;
    }

    /** Whether it can decide on some columns of a row apart from the others. */
    default boolean decidesColumns() {
        return true;
    }

    /** The sites that it names; where it names any, it must name all. */
    default Set<String> sites() {
        return Set.of();
    }

    /** Why it cannot decide on these columns of a table; nothing where it can. */
    default Optional<String> refuses(List<Column> columns) {
        return Optional.empty();
    }
}
