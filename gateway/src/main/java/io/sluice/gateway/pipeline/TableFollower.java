package io.sluice.gateway.pipeline;

import io.sluice.change.Alteration;
import io.sluice.change.Alteration.State;
import io.sluice.change.Alteration.Step;
import io.sluice.change.TableId;
import io.sluice.connectors.spi.AlteredStates;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.ColumnStep;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.SourceDatabase;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TargetDatabase;
import io.sluice.gateway.failpoint.Failpoint;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes sure that the target's table has been through what the source's log says of its own. Used
 * by one thread, with everything before the alteration committed.
 *
 * <p>New columns that are null in all rows are added, where tables may be created. Everything else
 * is an operator's to do, and ends the pipeline until it is done: the alteration is told again at
 * the next start, and looked at again. What cannot be seen of the target's table, because its
 * column would look the same before and after, is never taken for done.
 */
final class TableFollower {

    private static final Logger LOG = LoggerFactory.getLogger(TableFollower.class);

    private final SourceDatabase source;
    private final TargetDatabase target;
    private final PipelineSettings settings;
    private final AlteredStates states;

    TableFollower(
            SourceDatabase source,
            TargetDatabase target,
            PipelineSettings settings,
            AlteredStates states) {
        this.source = source;
        this.target = target;
        this.settings = settings;
        this.states = states;
    }

    /**
     * @throws ConnectorException FATAL with what an operator is to do
     */
    void follow(Alteration alteration) {
        TableId table = alteration.table();
        Set<String> excluded = settings.routing().excludedColumns().apply(table);
        List<Step> steps =
                alteration.steps().stream()
                        .filter(step -> !excluded.contains(nameOf(step)))
                        .toList();
        if (!settings.routing().includes().test(table) || steps.isEmpty()) {
            return;
        }
        FollowPlan plan = plan(table, steps);
        if (!plan.problems().isEmpty()) {
            throw stopped(table, steps, String.join(" ", plan.problems()));
        }
        if (!plan.additions().isEmpty()) {
            add(table, steps, plan);
        }
        requireFit(table, steps);
    }

    private static String nameOf(Step step) {
        State after = step.after();
        State before = step.before();
        return after != null ? after.name() : before == null ? "" : before.name();
    }

    private FollowPlan plan(TableId table, List<Step> steps) {
        TableId to = settings.routing().renames().apply(table);
        TableDefinition standing =
                target.tables(List.of(to)).stream()
                        .findFirst()
                        .orElseThrow(() -> stopped(table, steps, "The target has no table " + to));
        TableDefinition now = now(table);
        FollowPlan plan =
                new FollowPlan(
                        target,
                        states,
                        standing,
                        state -> own(table, now, state),
                        settings.createTables());
        steps.forEach(plan::judge);
        return plan;
    }

    private @Nullable TableDefinition now(TableId table) {
        return source.tables().stream()
                .filter(definition -> definition.table().equals(table))
                .findFirst()
                .orElse(null);
    }

    /** The column as the target would have it, by what the log says and the catalog adds. */
    private ColumnDefinition own(TableId table, @Nullable TableDefinition now, State state) {
        TableDefinition altered = AlteredDefinition.with(table, now, states.definition(state));
        return target.own(settings.routing().target(altered)).columns().stream()
                .filter(column -> column.name().equals(state.name()))
                .findFirst()
                .orElseThrow();
    }

    private void add(TableId table, List<Step> steps, FollowPlan plan) {
        TableId to = settings.routing().renames().apply(table);
        try {
            target.addColumns(to, plan.additions());
        } catch (ConnectorException e) {
            if (e.errorClass() == ErrorClass.RETRY) {
                throw e;
            }
            String statements =
                    plan.additions().stream()
                            .map(column -> target.statement(to, new ColumnStep.Add(column)) + ";")
                            .collect(Collectors.joining(" "));
            throw stopped(table, steps, e.getMessage() + ". Run on the target: " + statements);
        }
        LOG.info(
                "Added to {}: {}.",
                to,
                plan.additions().stream().map(ColumnDefinition::name).toList());
        Failpoint.COLUMNS_ADDED.reached();
    }

    /** A column that was widened may hold more than the target's. */
    private void requireFit(TableId table, List<Step> steps) {
        TableDefinition now = now(table);
        if (now == null) {
            return; // it was dropped since, and the log will come to that
        }
        TableDefinition altered = now;
        for (Step step : steps) {
            State after = step.after();
            if (after != null) {
                altered = AlteredDefinition.with(table, altered, states.definition(after));
            }
        }
        TableDefinition wanted = settings.routing().target(altered);
        Set<String> subjects =
                steps.stream()
                        .map(step -> wanted.table() + "." + nameOf(step))
                        .collect(Collectors.toSet());
        String blocking =
                target.check(List.of(wanted)).stream()
                        .filter(finding -> finding.severity() == Finding.Severity.BLOCKS)
                        .filter(finding -> subjects.contains(finding.subject()))
                        .map(finding -> finding.problem() + " " + finding.remedy())
                        .collect(Collectors.joining(" "));
        if (!blocking.isEmpty()) {
            throw stopped(table, steps, blocking);
        }
    }

    private ConnectorException stopped(TableId table, List<Step> steps, String what) {
        return new ConnectorException(
                ErrorClass.FATAL,
                "%s was altered on the source: %s. %s Then start again; or exclude the column, or copy again: sluice recopy -c FILE '%s' --yes"
                        .formatted(
                                table,
                                steps.stream()
                                        .map(Step::toString)
                                        .collect(Collectors.joining(", ")),
                                what,
                                settings.name()));
    }
}
