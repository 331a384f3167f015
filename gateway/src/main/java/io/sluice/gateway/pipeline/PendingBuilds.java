package io.sluice.gateway.pipeline;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.Build;
import io.sluice.connectors.spi.Build.State;
import io.sluice.connectors.spi.BuildRecord;
import io.sluice.connectors.spi.SourceDatabase;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TargetDatabase;
import io.sluice.connectors.spi.TargetSession;
import io.sluice.gateway.snapshot.SecondaryBuilds;
import io.sluice.gateway.snapshot.SecondaryPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Makes what created tables still lack, once all their rows are of one moment and before the log is
 * followed: so no row is written meanwhile, and no key meets rows of different moments. What the
 * target refused is tried again by the first attempt of a gateway, or after an operator's restart,
 * only, for that holds the log up. Used by one thread.
 */
final class PendingBuilds {

    private final Pipeline pipeline;
    private final BuildRecord record;
    private boolean repeated;
    private long claimedNanos;

    PendingBuilds(Pipeline pipeline) {
        this.pipeline = pipeline;
        record = pipeline.target().buildRecord(pipeline.name());
    }

    /**
     * Creates those of the tables that are missing. What they are to have beside their rows is
     * recorded first: of tables that stand, nobody knows any more who made them.
     *
     * @param tables of the source
     * @param wanted the same as the target is to have them
     * @param which of what the source's tables have beside their rows
     * @return the tables that were created
     */
    List<TableId> create(
            List<TableDefinition> tables, List<TableDefinition> wanted, Predicate<Build> which) {
        TargetDatabase target = pipeline.target();
        Set<TableId> missing = SecondaryPlan.missing(target, wanted);
        if (missing.isEmpty()) {
            return List.of();
        }
        SourceDatabase source = pipeline.source();
        List<Build> builds =
                SecondaryPlan.builds(
                        source,
                        target,
                        pipeline.settings().routing(),
                        tables,
                        missing,
                        new ArrayList<>());
        record.plan(missing, builds.stream().filter(which).toList());
        try {
            return target.create(wanted, source.types(tables));
        } catch (RuntimeException e) {
            forgetMissing(wanted, missing, e);
            throw e;
        }
    }

    /** What was not created here may be created by somebody else, who would not expect a build. */
    private void forgetMissing(
            List<TableDefinition> wanted, Set<TableId> planned, RuntimeException why) {
        try {
            Set<TableId> missing = SecondaryPlan.missing(pipeline.target(), wanted);
            missing.retainAll(planned);
            record.plan(missing, List.of());
        } catch (RuntimeException e) {
            why.addSuppressed(e); // the next attempt plans anew
        }
    }

    /** Reads what is known, for who asks how the pipeline is. */
    void look(List<TableDefinition> wanted) {
        look(wanted, build -> true);
    }

    private void look(List<TableDefinition> wanted, Predicate<Build> which) {
        Set<TableId> tables =
                wanted.stream().map(TableDefinition::table).collect(Collectors.toSet());
        pipeline.builds()
                .known(
                        record.all().stream()
                                .filter(planned -> tables.contains(planned.build().table()))
                                .filter(planned -> which.test(planned.build()))
                                .toList());
    }

    /**
     * Makes what is recorded and not made yet.
     *
     * @param which of it
     */
    void finish(List<TableDefinition> wanted, TargetSession session, Predicate<Build> which) {
        look(wanted, which);
        List<Build> builds =
                pipeline.builds().planned().stream()
                        .filter(planned -> isDue(planned.state()))
                        .map(Build.Planned::build)
                        .toList();
        repeated = true;
        if (builds.isEmpty()) {
            return;
        }
        pipeline.enter(PipelineState.COPYING);
        new SecondaryBuilds(
                        pipeline.target(),
                        pipeline.name(),
                        pipeline.builds(),
                        record::note,
                        pipeline.stopSignal()::isRequested)
                .run(builds, pipeline.settings().copy().workers(), () -> keepClaim(session));
    }

    /** What was refused is to be tried again. */
    void anew() {
        repeated = false;
    }

    private boolean isDue(State state) {
        return switch (state) {
            case PENDING -> true;
            case FAILED -> !repeated;
            case DONE -> false;
        };
    }

    /** Nothing else would tell for hours that another gateway has taken over. */
    private void keepClaim(TargetSession session) {
        long now = System.nanoTime();
        if (now - claimedNanos > pipeline.settings().heartbeat().toNanos()) {
            session.requireClaim();
            claimedNanos = now;
        }
    }
}
