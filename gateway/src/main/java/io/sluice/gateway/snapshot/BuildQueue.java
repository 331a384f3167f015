package io.sluice.gateway.snapshot;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.Build;
import io.sluice.connectors.spi.SecondaryObject.Kind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What can be built next, beside what is being built. Foreign keys come last, since they need the
 * unique keys of the tables that they refer to. What would wait for another one's lock is not
 * begun. Used under a lock.
 */
final class BuildQueue {

    private final List<Build> waiting;
    private final List<Build> running = new ArrayList<>();
    private final Set<Build> repeated = new HashSet<>();

    BuildQueue(List<Build> builds) {
        waiting = new ArrayList<>(builds);
    }

    /** Null while nothing can be begun. */
    @Nullable Build take() {
        for (Build build : waiting) {
            if (isFree(build)) {
                waiting.remove(build);
                running.add(build);
                return build;
            }
        }
        return null;
    }

    private boolean isFree(Build build) {
        if (build.kind() == Kind.FOREIGN_KEY
                && (waiting.stream().anyMatch(other -> other.kind() != Kind.FOREIGN_KEY)
                        || running.stream().anyMatch(other -> other.kind() != Kind.FOREIGN_KEY))) {
            return false;
        }
        Set<TableId> tables = build.tables();
        return running.stream()
                .filter(other -> build.alone() || other.alone())
                .allMatch(other -> Collections.disjoint(tables, other.tables()));
    }

    /** It is through, whichever way. */
    void ended(Build build) {
        running.remove(build);
    }

    /** Puts it back for a second and last time; returns false if that was done already. */
    boolean again(Build build) {
        if (!repeated.add(build)) {
            return false;
        }
        running.remove(build);
        waiting.add(build);
        return true;
    }

    boolean isDone() {
        return waiting.isEmpty() && running.isEmpty();
    }
}
