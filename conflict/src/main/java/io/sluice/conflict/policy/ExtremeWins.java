package io.sluice.conflict.policy;

import static io.sluice.conflict.Guarantee.Need.ONE_WAY_COLUMN;
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
import io.sluice.conflict.RowVersion;
import io.sluice.conflict.Version;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The row with the greatest, or the least, value of a column stays; of equal ones, the later. Or,
 * for a column by itself, that value.
 *
 * <p>A deletion counts as greater than any value that was written without knowledge of it. A write
 * that takes the column back would be the greater by its time and the lesser by its value, and the
 * sites would not agree: it is kept aside.
 *
 * @param column which; empty where it is the one that the policy is asked for
 * @param values the order of texts, where the column holds texts; {@link ValueOrder#VERSION} of a
 *     column of which that is not said
 */
record ExtremeWins(boolean max, Optional<String> column, Optional<ValueOrder> values)
        implements MergePolicy {

    @Override
    public boolean joinsEveryChange() {
        return true;
    }

    @Override
    public Decision decide(Conflict conflict) {
        int position = position(conflict);
        Incoming incoming = conflict.incoming();
        if (goesBack(incoming, position)) {
            return new Decision.Park(
                    name(conflict, position) + " went the other way than " + (max ? "up" : "down"));
        }
        Optional<RowVersion> version = conflict.standing().version();
        if (version.isEmpty()) {
            return new Decision.Apply("nothing is known of the row here");
        }
        int order = compare(conflict, version.get(), position);
        return order >= 0
                ? new Decision.Apply("its " + name(conflict, position) + " goes before")
                : new Decision.Keep("the " + name(conflict, position) + " here goes before");
    }

    private int compare(Conflict conflict, RowVersion standing, int position) {
        Incoming incoming = conflict.incoming();
        Version life = incoming.isDelete() ? incoming.version() : incoming.life(standing);
        if (!life.equals(standing.life())) {
            return life.compareTo(standing.life());
        }
        if (standing.deleted()) {
            return 1; // it came after that
        }
        if (incoming.isDelete()) {
            return incoming.version().compareTo(standing.last());
        }
        Row row = conflict.standing().row().orElseThrow();
        Object mine = incoming.after().orElseThrow().get(position);
        int byValue = mine == Row.NOT_SENT ? 0 : order().compare(mine, row.get(position));
        return byValue != 0
                ? byValue
                : incoming.version().compareTo(conflict.current().orElseThrow());
    }

    private boolean goesBack(Incoming incoming, int position) {
        if (incoming.before().isEmpty() || incoming.after().isEmpty()) {
            return false;
        }
        Object before = incoming.before().get().get(position);
        Object after = incoming.after().get().get(position);
        return before != Row.NOT_SENT
                && after != Row.NOT_SENT
                && order().compare(after, before) < 0;
    }

    private Comparator<@Nullable Object> order() {
        ValueOrder order = values.orElse(ValueOrder.NUMBER);
        Comparator<Object> up = order::compare;
        return Comparator.nullsFirst(max ? up : up.reversed());
    }

    private int position(Conflict conflict) {
        if (column.isEmpty()) {
            return conflict.columns().getFirst();
        }
        List<String> names = conflict.table().columns().stream().map(Column::name).toList();
        return names.indexOf(column.get());
    }

    private static String name(Conflict conflict, int position) {
        return conflict.table().columns().get(position).name();
    }

    @Override
    public Optional<String> refuses(List<Column> columns) {
        Optional<Column> found =
                column.isEmpty()
                        ? Optional.of(columns.getFirst())
                        : columns.stream().filter(c -> c.name().equals(column.get())).findFirst();
        if (found.isEmpty()) {
            return Optional.of("is by `" + column.get() + "`, which is not among its columns");
        }
        if (column.isEmpty() && columns.size() > 1) {
            return Optional.of("needs `column`, the one that decides");
        }
        LogicalType type = found.get().type();
        if (values.equals(Optional.of(ValueOrder.VERSION))) {
            return Optional.of("needs a number or a time, and `" + found.get().name() + "` is none")
                    .filter(none -> type == LogicalType.BOOLEAN || type == LogicalType.BYTES);
        }
        boolean text = type == LogicalType.TEXT;
        return text == values.isPresent()
                ? Optional.empty()
                : Optional.of(
                        text
                                ? "needs `as: number` or `as: text` for `"
                                        + found.get().name()
                                        + "`"
                                : "takes `as` only for texts and decimals");
    }

    @Override
    public Guarantee guarantee() {
        return Guarantee.converges(ONE_WAY_COLUMN, TOMBSTONES, WHOLE_ROWS);
    }
}
