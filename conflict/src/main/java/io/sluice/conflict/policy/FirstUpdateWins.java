package io.sluice.conflict.policy;

import static io.sluice.conflict.Guarantee.Need.SEEN;
import static io.sluice.conflict.Guarantee.Need.TOMBSTONES;
import static io.sluice.conflict.Guarantee.Need.WHOLE_ROWS;

import io.sluice.conflict.Conflict;
import io.sluice.conflict.Decision;
import io.sluice.conflict.Guarantee;
import io.sluice.conflict.MergePolicy;
import io.sluice.conflict.RowVersion;
import io.sluice.conflict.Version;
import java.util.Optional;

/**
 * Of writes that did not know of each other, the earlier stays. What counts is when a site began:
 * the first of its writes that the other is not known to have. With the write's own time, a site's
 * second write would lose to a change that its first has already beaten elsewhere.
 */
record FirstUpdateWins() implements MergePolicy {

    @Override
    public Decision decide(Conflict conflict) {
        Optional<RowVersion> standing = conflict.standing().version();
        if (standing.isEmpty()) {
            return new Decision.Apply("nothing is known of the row here");
        }
        Version last = standing.get().last();
        Version theirs = new Version(standing.get().since(), last.origin());
        Version ours =
                new Version(conflict.incoming().since(), conflict.incoming().version().origin());
        return ours.compareTo(theirs) < 0
                ? new Decision.Apply("its site was first, before " + last.origin())
                : new Decision.Keep(last.origin() + " was first");
    }

    @Override
    public boolean asksSince() {
        return true;
    }

    @Override
    public boolean decidesColumns() {
        return false;
    }

    @Override
    public Guarantee guarantee() {
        return Guarantee.ofTwo(
                "a third site may have built on the write that another one beats",
                SEEN,
                TOMBSTONES,
                WHOLE_ROWS);
    }
}
