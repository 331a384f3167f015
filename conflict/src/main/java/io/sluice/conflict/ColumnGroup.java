package io.sluice.conflict;

import io.sluice.change.Row;
import io.sluice.change.TableSchema;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Columns that are decided together and share a version.
 *
 * @param name what their version is kept under
 */
record ColumnGroup(String name, List<Integer> positions, MergePolicy policy) {

    /** Between the name of a group and that of a part of its value; no name has it. */
    private static final char PART = '\u001f';

    ColumnGroup {
        positions = List.copyOf(positions);
    }

    static ColumnGroup of(TableSchema table, List<Integer> positions, MergePolicy policy) {
        String name =
                positions.stream()
                        .map(position -> table.columns().get(position).name())
                        .sorted() // in whatever order a site's table has them
                        .collect(Collectors.joining(","));
        return new ColumnGroup(name, positions, policy);
    }

    boolean changedBy(Incoming incoming) {
        return positions.stream().anyMatch(incoming::changes);
    }

    /** Whether a mark is that of a part of a group's values, and not of the group. */
    static boolean isPart(String mark) {
        return mark.indexOf(PART) >= 0;
    }

    String mark(String part) {
        return name + PART + part;
    }

    /**
     * Whether the write that stands need not be the latest of those that met: then it matters which
     * of a site's own writes were among these. Of a single column equal values are equal whoever
     * wrote them.
     */
    boolean isByValue() {
        return positions.size() > 1 && policy.joinsEveryChange();
    }

    /**
     * The mark that tells up to when the site's own writes were known as the group was decided on;
     * {@link Version#NONE} until that is known. No part has it, whatever its name.
     */
    String decided() {
        return PART + name;
    }

    /** Whether a mark is such a one. */
    static boolean isDecided(String mark) {
        return mark.indexOf(PART) == 0;
    }

    /** The group that such a mark is of. */
    static String ofDecided(String mark) {
        return mark.substring(1);
    }

    /** The versions of the parts of the group's values. */
    Map<String, Version> parts(RowVersion version) {
        String prefix = name + PART;
        return version.marks().entrySet().stream()
                .filter(mark -> mark.getKey().startsWith(prefix))
                .collect(
                        Collectors.toMap(
                                mark -> mark.getKey().substring(prefix.length()),
                                Map.Entry::getValue));
    }

    /** Copies the group's values that {@code from} has. */
    void copy(Row from, @Nullable Object[] into) {
        for (int position : positions) {
            if (from.isSent(position)) {
                into[position] = from.get(position);
            }
        }
    }
}
