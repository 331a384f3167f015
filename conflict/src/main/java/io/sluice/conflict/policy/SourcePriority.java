package io.sluice.conflict.policy;

import static io.sluice.conflict.Guarantee.Need.SEEN;
import static io.sluice.conflict.Guarantee.Need.TOMBSTONES;
import static io.sluice.conflict.Guarantee.Need.WHOLE_ROWS;

import io.sluice.change.Origin;
import io.sluice.conflict.Conflict;
import io.sluice.conflict.Decision;
import io.sluice.conflict.Guarantee;
import io.sluice.conflict.MergePolicy;
import io.sluice.conflict.Version;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Of writes that did not know of each other, that of the database which stands earlier in the list
 * stays. A write in knowledge of the other is no conflict: it takes effect wherever it was made.
 */
record SourcePriority(List<String> databases) implements MergePolicy {

    @Override
    public Decision decide(Conflict conflict) {
        Optional<Version> current = conflict.current();
        if (current.isEmpty()) {
            return new Decision.Apply("nothing is known of the row here");
        }
        Version incoming = conflict.incoming().version();
        Origin standing = current.get().origin();
        int difference = rank(incoming.origin()) - rank(standing);
        boolean apply = difference == 0 ? incoming.compareTo(current.get()) > 0 : difference < 0;
        return apply
                ? new Decision.Apply(incoming.origin() + " goes before " + standing)
                : new Decision.Keep(standing + " goes before " + incoming.origin());
    }

    private int rank(Origin origin) {
        int index = databases.indexOf(origin.name());
        return index < 0 ? databases.size() : index;
    }

    @Override
    public Set<String> sites() {
        return Set.copyOf(databases);
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
