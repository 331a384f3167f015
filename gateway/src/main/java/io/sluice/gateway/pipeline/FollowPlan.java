package io.sluice.gateway.pipeline;

import io.sluice.change.Alteration.State;
import io.sluice.change.Alteration.Step;
import io.sluice.connectors.spi.AlteredStates;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.ColumnDefinition.Identity;
import io.sluice.connectors.spi.ColumnStep;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TargetDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What is to be done to a table of the target that stands, by whom. Used by one thread. */
final class FollowPlan {

    private final TargetDatabase target;
    private final AlteredStates states;
    private final TableDefinition standing;
    private final Function<State, ColumnDefinition> own;
    private final boolean adds;
    private final List<ColumnDefinition> additions = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();

    /**
     * @param own a column as the target would have it
     * @param adds whether columns may be added
     */
    FollowPlan(
            TargetDatabase target,
            AlteredStates states,
            TableDefinition standing,
            Function<State, ColumnDefinition> own,
            boolean adds) {
        this.target = target;
        this.states = states;
        this.standing = standing;
        this.own = own;
        this.adds = adds;
    }

    /** Columns that the gateway may add. */
    List<ColumnDefinition> additions() {
        return additions;
    }

    /** What an operator is to do. */
    List<String> problems() {
        return problems;
    }

    void judge(Step step) {
        State before = step.before();
        State after = step.after();
        if (before == null) {
            added(Objects.requireNonNull(after));
        } else if (after == null) {
            gone(before);
        } else if (there(before.name()) != null && !before.name().equals(after.name())) {
            problem(
                    "The target has %s still.".formatted(before.name()),
                    new ColumnStep.Rename(before.name(), after.name()));
        } else {
            changed(before, after);
        }
    }

    private void added(State column) {
        ColumnDefinition there = there(column.name());
        if (there == null && adds && !column.filled()) {
            additions.add(nullable(own.apply(column)));
        } else if (there == null) {
            problem(
                    "The target lacks %s%s."
                            .formatted(
                                    column.name(),
                                    column.filled()
                                            ? ", and its rows may have a value in it that the log does"
                                                    + " not tell"
                                            : ""),
                    new ColumnStep.Add(
                            column.filled() ? own.apply(column) : nullable(own.apply(column))));
        } else if (column.filled() && there.defaultExpression() == null && !there.notNull()) {
            problems.add(
                    "Rows of the source may have a value in %s that the log does not tell; the target's column has no default that could have given it to its own."
                            .formatted(column.name()));
        }
    }

    private void gone(State column) {
        if (there(column.name()) != null) {
            problem(
                    "The target has %s still.".formatted(column.name()),
                    new ColumnStep.Drop(column.name()));
        }
    }

    private void changed(State before, State after) {
        ColumnDefinition there = there(after.name());
        if (there == null) {
            problem(
                    "The target lacks %s.".formatted(after.name()),
                    new ColumnStep.Add(own.apply(after)));
            return;
        }
        if (states.keepsValues(before, after)) {
            return;
        }
        State renamed =
                new State(
                        after.name(),
                        before.type(),
                        before.charset(),
                        before.notNull(),
                        before.filled());
        ColumnDefinition now = own.apply(after);
        boolean retyped =
                !before.type().equals(after.type())
                        || !Objects.equals(before.charset(), after.charset());
        if (retyped && target.holdsTheSame(own.apply(renamed), now)) {
            problems.add(
                    "The source may have changed the values that stand in %s, and the target's column does not show whether its own are the same: copy again."
                            .formatted(after.name()));
        } else if (!target.holdsTheSame(there, now) || after.notNull() && !there.notNull()) {
            problem(
                    "The source may have changed the values that stand in %s; the target's column is %s."
                            .formatted(after.name(), there.nativeType()),
                    new ColumnStep.Retype(now));
        }
    }

    private @Nullable ColumnDefinition there(String name) {
        return standing.columns().stream()
                .filter(column -> column.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    private static ColumnDefinition nullable(ColumnDefinition column) {
        return new ColumnDefinition(
                column.name(),
                column.dataType(),
                column.nativeType(),
                false,
                null,
                null,
                Identity.NONE,
                column.collation());
    }

    private void problem(String what, ColumnStep step) {
        problems.add(
                "%s Run on the target: %s;"
                        .formatted(what, target.statement(standing.table(), step)));
    }
}
