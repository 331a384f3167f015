package io.sluice.conflict;

import io.sluice.change.Origin;
import io.sluice.change.TableSchema;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A change and the row that it meets, which its site did not know of when it made the change.
 *
 * @param site where the decision is made
 * @param standing the row, with its origin and commit time, or the tombstone
 * @param columns the positions to decide on: all, or those of one group
 * @param current the version of these columns as they stand; empty where nothing stands and nothing
 *     is known
 * @param marks the versions of the parts of these columns' values, for policies that have parts
 */
public record Conflict(
        ConflictKind kind,
        Origin site,
        Incoming incoming,
        Standing standing,
        List<Integer> columns,
        Optional<Version> current,
        Map<String, Version> marks) {

    public Conflict {
        Objects.requireNonNull(kind);
        Objects.requireNonNull(site);
        Objects.requireNonNull(incoming);
        Objects.requireNonNull(standing);
        columns = List.copyOf(columns);
        marks = Map.copyOf(marks);
    }

    public TableSchema table() {
        return incoming.table();
    }

    /** Whether the incoming change was made in knowledge of what stands. */
    public boolean isKnown() {
        return current.isPresent() && incoming.seen().covers(current.get());
    }

    /** The version of a part of these columns' values; that of the columns where it has none. */
    public Version of(String part) {
        Version known = marks.get(part);
        return known != null ? known : standing.version().orElseThrow().born();
    }

    /** Shows no values, nor the parts of any. */
    @Override
    public String toString() {
        return kind + " at " + site + " by " + incoming.version() + ", " + current;
    }
}
