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
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The difference that a change made is made here too, so that what several sites added is all
 * there. An insert adds its value to nothing; two sites that insert one row add up.
 */
record Delta() implements MergePolicy {

    /** Says why a difference cannot be made. */
    private static final class NoNumberException extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final String reason;

        NoNumberException(String reason) {
            super(reason, null, false, false);
            this.reason = reason;
        }
    }

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
        int width = conflict.table().columns().size();
        @Nullable Object[] values = new Object[width];
        try {
            for (int i = 0; i < width; i++) {
                values[i] = conflict.columns().contains(i) ? sum(conflict, i) : Row.NOT_SENT;
            }
        } catch (NoNumberException e) {
            return new Decision.Park(e.reason);
        }
        return new Decision.Merge(Row.of(values), "the difference was added");
    }

    private static @Nullable Object sum(Conflict conflict, int position) {
        Column column = conflict.table().columns().get(position);
        Optional<Row> standing = conflict.standing().row();
        Object stands = value(standing, position);
        Incoming incoming = conflict.incoming();
        if (!incoming.changes(position)) {
            return standing.isPresent() ? stands : zero(column);
        }
        Object before = value(incoming.before(), position);
        Object after = value(incoming.after(), position);
        if (before == Row.NOT_SENT) {
            throw new NoNumberException(
                    column.name() + " was sent without the value before: REPLICA IDENTITY FULL");
        }
        if (after == null) {
            if (before != null) {
                throw new NoNumberException(column.name() + " became null");
            }
            return stands;
        }
        BigDecimal sum =
                number(column, stands).add(number(column, after).subtract(number(column, before)));
        return form(column, sum);
    }

    private static @Nullable Object value(Optional<Row> row, int position) {
        return row.isPresent() ? row.get().get(position) : null;
    }

    private static Object zero(Column column) {
        return form(column, BigDecimal.ZERO);
    }

    private static BigDecimal number(Column column, @Nullable Object value) {
        if (value == null) {
            return BigDecimal.ZERO;
        }
        return ValueOrder.number(value.toString())
                .orElseThrow(
                        () -> new NoNumberException(column.name() + " holds no finite number"));
    }

    private static Object form(Column column, BigDecimal sum) {
        if (column.type() == LogicalType.TEXT) {
            return sum.toPlainString();
        }
        try {
            return sum.longValueExact();
        } catch (ArithmeticException e) {
            throw new NoNumberException(column.name() + " would be beyond 64 bits");
        }
    }

    @Override
    public Optional<String> refuses(List<Column> columns) {
        return columns.stream()
                .filter(
                        column ->
                                column.type() != LogicalType.INTEGER
                                        && column.type() != LogicalType.TEXT)
                .findFirst()
                .map(
                        column ->
                                "needs whole or decimal numbers; sums of `"
                                        + column.name()
                                        + "` would depend on their order, or it is no number");
    }

    @Override
    public Guarantee guarantee() {
        return Guarantee.converges(PART_VERSIONS, TOMBSTONES, WHOLE_ROWS);
    }
}
