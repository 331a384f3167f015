package io.sluice.conflict;

import io.sluice.change.HybridTimestamp;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What a site knows of where a row comes from: the contents of its {@code row_version}.
 *
 * @param born the insert that the row began with; values without a mark of their own are of it
 * @param last the newest write that formed the row, or the tombstone
 * @param since the first write of the run that {@code last} ends: writes of one origin that the
 *     other site is not known to have seen; where parts have versions, simply {@code last}'s time
 * @param life the newest deletion that is known of a row with this key: the tombstone itself, or
 *     the one that the row came after; {@link Version#NONE} where there was none. A row that is
 *     inserted again is another one than the one that was deleted, and the life tells them apart
 * @param deleted whether this is a tombstone
 * @param marks versions of parts of the row, where they are not those of {@code born}: of a column
 *     or group of columns by its name, of parts of a value by {@code group/part}; and, of groups
 *     that are decided by a value, the time of the site's log up to which its own writes were met
 */
public record RowVersion(
        Version born,
        Version last,
        HybridTimestamp since,
        Version life,
        boolean deleted,
        Map<String, Version> marks) {

    public RowVersion {
        Objects.requireNonNull(since);
        Objects.requireNonNull(life);
        marks = Map.copyOf(marks);
        if (last.compareTo(born) < 0) {
            throw new IllegalArgumentException("a row that was last written before it was born");
        }
    }

    /**
     * The version of a row that the initial copy brought, or that was there before: it counts as
     * written by the copy's source when the copy was taken, on both sides.
     */
    public static RowVersion copied(Version copy) {
        return new RowVersion(copy, copy, copy.at(), Version.NONE, false, Map.of());
    }

    /** The version of a part of the row. */
    public Version of(String part) {
        return marks.getOrDefault(part, born);
    }

    /** The tombstone of a row of many writes. */
    RowVersion grave(Version tombstone) {
        Version newest = last.max(tombstone);
        return new RowVersion(born, newest, newest.at(), tombstone, true, Map.of());
    }

    /**
     * The same without the marks that parts of values got by the row's birth, where a write found
     * them: who made them is not known.
     *
     * @param before what was known of the row
     */
    RowVersion without(Optional<RowVersion> before, Version write) {
        Map<String, Version> told = before.map(RowVersion::marks).orElse(Map.of());
        Map<String, Version> left = new HashMap<>(marks);
        left.entrySet()
                .removeIf(
                        mark ->
                                ColumnGroup.isPart(mark.getKey())
                                        && !ColumnGroup.isDecided(mark.getKey())
                                        && !mark.getValue().equals(write)
                                        && !told.containsKey(mark.getKey()));
        return new RowVersion(born, last, since, life, deleted, left);
    }

    /** Shows no part's name: elements of a union are values. */
    @Override
    public String toString() {
        return (deleted ? "deleted " : "") + last + " (" + marks.size() + " marks)";
    }
}
