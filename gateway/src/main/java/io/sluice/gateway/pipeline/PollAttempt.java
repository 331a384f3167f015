package io.sluice.gateway.pipeline;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TargetSession;
import io.sluice.gateway.apply.Operation;
import io.sluice.gateway.keybased.KeyBasedStart;
import io.sluice.gateway.keybased.PollEvents;
import io.sluice.gateway.keybased.PollSettings;
import io.sluice.gateway.keybased.SweepCounts;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Follows tables by their cursors. */
final class PollAttempt implements Attempt, PollEvents {

    private final Pipeline pipeline;
    private final PollSettings settings;
    private Set<TableDefinition> taken = Set.of();

    PollAttempt(Pipeline pipeline, PollSettings settings) {
        this.pipeline = pipeline;
        this.settings = settings;
    }

    @Override
    public void run(
            TargetSession session,
            Checkpoint claim,
            List<TableDefinition> tables,
            List<TableDefinition> wanted) {
        taken = withoutEstimates(tables);
        new KeyBasedStart(
                        pipeline.name(),
                        settings,
                        pipeline.settings().apply(),
                        pipeline.source(),
                        pipeline.target(),
                        pipeline.clock(),
                        this)
                .run(session, claim, tables, wanted, pipeline.sweeps());
    }

    @Override
    public boolean isStopping() {
        return pipeline.stopSignal().isRequested();
    }

    @Override
    public boolean await(Duration atMost) {
        return pipeline.stopSignal().await(atMost);
    }

    @Override
    public boolean isAltered() {
        return !taken.equals(
                withoutEstimates(pipeline.settings().routing().select(pipeline.source().tables())));
    }

    private static Set<TableDefinition> withoutEstimates(List<TableDefinition> tables) {
        return tables.stream()
                .map(
                        table ->
                                new TableDefinition(
                                        table.table(),
                                        table.engine(),
                                        table.columns(),
                                        table.primaryKey(),
                                        table.uniqueKeys(),
                                        table.replicaKey(),
                                        table.rowIdentity(),
                                        table.partitioned(),
                                        -1,
                                        -1))
                .collect(Collectors.toSet());
    }

    @Override
    public void filling(boolean any) {
        pipeline.enter(any ? PipelineState.COPYING : PipelineState.STREAMING);
    }

    @Override
    public void clock(Instant asked, Instant answered, Instant theirs) {
        pipeline.answered(asked, answered, theirs);
    }

    @Override
    public void applied(TableId table, Map<Operation, Long> changes) {
        if (!changes.isEmpty()) {
            pipeline.tables().changed(table, changes);
        }
        pipeline.observer().applied(changes, List.of());
        pipeline.applied(0, changes.values().stream().mapToLong(Long::longValue).sum());
    }

    @Override
    public void polled(Instant sourceMoment) {
        pipeline.shows(sourceMoment);
        pipeline.completed();
    }

    @Override
    public void swept(SweepCounts counts) {
        pipeline.swept(counts);
    }
}
