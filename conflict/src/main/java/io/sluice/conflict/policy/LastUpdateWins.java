package io.sluice.conflict.policy;

import static io.sluice.conflict.Guarantee.Need.TOMBSTONES;
import static io.sluice.conflict.Guarantee.Need.WHOLE_ROWS;

import io.sluice.conflict.Conflict;
import io.sluice.conflict.Decision;
import io.sluice.conflict.Guarantee;
import io.sluice.conflict.MergePolicy;
import io.sluice.conflict.Version;
import java.util.Optional;

/**
 * The later write stays; of two at the same time, that of the origin with the greater name. Whoever
 * overwrites a value has the later time, so what a site writes is never earlier than what it had.
 */
record LastUpdateWins() implements MergePolicy {

    @Override
    public Decision decide(Conflict conflict) {
        Optional<Version> current = conflict.current();
        if (current.isEmpty()) {
            return new Decision.Apply("nothing is known of the row here");
        }
        return conflict.incoming().version().compareTo(current.get()) > 0
                ? new Decision.Apply("it is later than what " + current.get().origin() + " wrote")
                : new Decision.Keep("it is earlier than what " + current.get().origin() + " wrote");
    }

    @Override
    public Guarantee guarantee() {
        return Guarantee.converges(TOMBSTONES, WHOLE_ROWS);
    }
}
