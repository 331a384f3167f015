package io.sluice.conflict.policy;

import static io.sluice.conflict.Guarantee.Need.PART_VERSIONS;
import static io.sluice.conflict.Guarantee.Need.TOMBSTONES;
import static io.sluice.conflict.Guarantee.Need.WHOLE_ROWS;

import io.sluice.change.Column;
import io.sluice.change.LogicalType;
import io.sluice.change.Row;
import io.sluice.conflict.Conflict;
import io.sluice.conflict.Decision;
import io.sluice.conflict.Guarantee;
import io.sluice.conflict.Incoming;
import io.sluice.conflict.MergePolicy;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A value of many parts, elements of a set or members of a JSON object, is joined part by part: of
 * two writes of one part the later stays, and removing a part is a write of it. So what several
 * sites added is all there, and what was removed stays removed until it is added again.
 *
 * <p>Null is a part of its own, which does not show where there is another.
 */
record Union(PartsForm form) implements MergePolicy {

    /** The part of null; those of values have names that begin otherwise. */
    private static final String NULL = "null";

    private static final char VALUE = '=';

    @Override
    public boolean joinsEveryChange() {
        return true;
    }

    @Override
    public Decision decide(Conflict conflict) {
        Incoming incoming = conflict.incoming();
        if (incoming.isDelete()) {
            return new Decision.Apply("deletion is final");
        }
        int position = conflict.columns().getFirst();
        if (!incoming.changes(position) && conflict.standing().row().isPresent()) {
            return new Decision.Keep("it was not changed");
        }
        Optional<Row> before = incoming.before();
        if (before.isPresent() && !before.get().isSent(position)) {
            return new Decision.Park(
                    name(conflict) + " was sent without the value before: REPLICA IDENTITY FULL");
        }
        Object after = value(incoming.after(), position);
        Optional<Map<String, String>> mine = parts(after);
        Optional<Map<String, String>> earlier = parts(before, position);
        Optional<Map<String, String>> here = parts(conflict.standing().row(), position);
        if (mine.isEmpty() || earlier.isEmpty() || here.isEmpty()) {
            return conflict.current().isEmpty() || conflict.isKnown()
                    ? new Decision.Apply("made in knowledge of what stood")
                    : new Decision.Park(name(conflict) + " holds what cannot be divided");
        }
        PartsJoin join = new PartsJoin(conflict, here.get());
        join.add(earlier.get(), mine.get());
        Object stands = value(conflict.standing().row(), position);
        Object text =
                join.parts().equals(mine.get())
                        ? after
                        : join.parts().equals(here.get()) ? stands : text(join.parts());
        return new Decision.Merge(row(conflict, position, text), join.marks(), "joined by parts");
    }

    private @Nullable String text(Map<String, String> joined) {
        Map<String, String> parts = new TreeMap<>();
        joined.forEach(
                (part, value) -> {
                    if (part.charAt(0) == VALUE) {
                        parts.put(part.substring(1), value);
                    }
                });
        return parts.isEmpty() && joined.containsKey(NULL) ? null : form.text(parts);
    }

    private Optional<Map<String, String>> parts(Optional<Row> row, int position) {
        return row.isPresent() ? parts(row.get().get(position)) : Optional.of(Map.of());
    }

    private Optional<Map<String, String>> parts(@Nullable Object value) {
        if (value == null) {
            return Optional.of(Map.of(NULL, ""));
        }
        return form.parts((String) value)
                .map(
                        found -> {
                            Map<String, String> parts = new TreeMap<>();
                            found.forEach((part, text) -> parts.put(VALUE + part, text));
                            return parts;
                        });
    }

    private static String name(Conflict conflict) {
        return conflict.table().columns().get(conflict.columns().getFirst()).name();
    }

    private static @Nullable Object value(Optional<Row> row, int position) {
        return row.isPresent() ? row.get().get(position) : null;
    }

    private static Row row(Conflict conflict, int position, @Nullable Object value) {
        @Nullable Object[] values = new Object[conflict.table().columns().size()];
        Arrays.fill(values, Row.NOT_SENT);
        values[position] = value;
        return Row.of(values);
    }

    @Override
    public Optional<String> refuses(List<Column> columns) {
        if (columns.size() > 1) {
            return Optional.of("is for one column at a time");
        }
        return columns.getFirst().type() == LogicalType.TEXT
                ? Optional.empty()
                : Optional.of("needs a set, an array or a JSON object");
    }

    @Override
    public Guarantee guarantee() {
        return Guarantee.converges(PART_VERSIONS, TOMBSTONES, WHOLE_ROWS);
    }
}
