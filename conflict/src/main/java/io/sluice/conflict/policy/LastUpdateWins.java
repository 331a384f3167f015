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
        Version incoming = conflict.incoming().version();
        return incoming.compareTo(current.get()) > 0
                ? new Decision.Apply(reason(incoming, "later", current.get()))
                : new Decision.Keep(reason(incoming, "earlier", current.get()));
    }

    /** By whose clocks it was decided. */
    private static String reason(Version incoming, String order, Version current) {
        String at = incoming.at().readable();
        return incoming.at().equals(current.at())
                ? "both were written at %s, and of %s and %s the greater name stays"
                        .formatted(at, incoming.origin(), current.origin())
                : "%s, when %s wrote it, is %s than %s, when %s wrote what stood here"
                        .formatted(
                                at,
                                incoming.origin(),
                                order,
                                current.at().readable(),
                                current.origin());
    }

    @Override
    public Guarantee guarantee() {
        return Guarantee.converges(TOMBSTONES, WHOLE_ROWS);
    }
}
