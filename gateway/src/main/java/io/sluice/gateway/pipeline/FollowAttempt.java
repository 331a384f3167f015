package io.sluice.gateway.pipeline;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.Checkpoint.Phase;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TargetSession;
import io.sluice.gateway.apply.Convergence;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Comes to the source's log, by a copy where one is wanted, and follows it. */
final class FollowAttempt implements Attempt {

    private final Pipeline pipeline;

    FollowAttempt(Pipeline pipeline) {
        this.pipeline = pipeline;
    }

    @Override
    public void run(
            TargetSession session,
            Checkpoint claim,
            List<TableDefinition> tables,
            List<TableDefinition> wanted)
            throws InterruptedException {
        LogJoin join = new LogJoin(pipeline, session, tables, wanted);
        if (claim.phase() == Phase.STREAMING) {
            prove(claim, join.convergence(claim));
        }
        Checkpoint start = join.from(claim);
        pipeline.at(start);
        Convergence convergence = join.convergence(start);
        prove(start, convergence);
        if (convergence == null) {
            pipeline.pendingBuilds().finish(wanted, session, build -> true);
        } else {
            pipeline.pendingBuilds().look(wanted);
        }
        List<TableId> names = tables.stream().map(TableDefinition::table).toList();
        new StreamLoop(pipeline, session, start, convergence).run(names);
    }

    private void prove(Checkpoint checkpoint, @Nullable Convergence convergence) {
        pipeline.consistentAt(
                convergence == null
                        ? null
                        : convergence.goal(Objects.requireNonNull(checkpoint.position())));
        if (checkpoint.commitTime() != null) {
            pipeline.exposure().proved(checkpoint.commitTime());
        }
    }
}
