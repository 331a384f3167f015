package io.sluice.gateway.pipeline;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.Checkpoint.Phase;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TargetSession;
import io.sluice.gateway.apply.Convergence;
import io.sluice.gateway.route.Routing;
import io.sluice.gateway.sites.OwnForms;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
        learnForms(wanted);
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

    /** Of two sites of two engines. */
    private void learnForms(List<TableDefinition> wanted) {
        OwnForms forms = pipeline.settings().work().forms();
        if (wanted.getFirst().engine() == pipeline.target().engine()) {
            forms.ofOneEngine();
        } else {
            forms.ofTwoEngines(this::tablesOfBoth);
        }
    }

    private List<OwnForms.Pair> tablesOfBoth() {
        Routing routing = pipeline.settings().routing();
        Map<TableId, TableDefinition> here = new HashMap<>();
        List<TableDefinition> there =
                routing.select(pipeline.source().tables()).stream().map(routing::target).toList();
        pipeline.target()
                .tables(there.stream().map(TableDefinition::table).toList())
                .forEach(table -> here.put(table.table(), table));
        List<OwnForms.Pair> pairs = new ArrayList<>();
        for (TableDefinition table : there) {
            TableDefinition standing = here.get(table.table());
            if (standing != null) {
                pairs.add(new OwnForms.Pair(table, standing));
            }
        }
        return pairs;
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
