package io.sluice.gateway.pipeline;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.Build;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.Checkpoint.Phase;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.SecondaryObject.Kind;
import io.sluice.connectors.spi.SnapshotReader;
import io.sluice.connectors.spi.SourceProbe;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TableLoads;
import io.sluice.connectors.spi.TableLoads.Changes;
import io.sluice.connectors.spi.TableLoads.Loaded;
import io.sluice.connectors.spi.TableLoads.Run;
import io.sluice.connectors.spi.TargetSession;
import io.sluice.gateway.apply.Operation;
import io.sluice.gateway.apply.Parking;
import io.sluice.gateway.failpoint.Failpoint;
import io.sluice.gateway.route.Routing;
import io.sluice.gateway.snapshot.InitialCopy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads whole tables if they are due, and says when they are again. The tables are filled beside
 * those that stand, by the same copy that the modes with a log begin with, and then switched in.
 *
 * <p>A load that was cut off leaves nothing that is seen, and is begun anew: its moment is over.
 */
final class LoadAttempt implements Attempt {

    private static final Logger LOG = LoggerFactory.getLogger(LoadAttempt.class);

    /** How long others may hold the tables before the load is given up, in tries. */
    private static final int TRIES = 100;

    private static final Duration BETWEEN_TRIES = Duration.ofSeconds(1);

    private final Pipeline pipeline;
    private final PipelineSettings settings;
    private final Work.LoadTables work;

    LoadAttempt(Pipeline pipeline, Work.LoadTables work) {
        this.pipeline = pipeline;
        this.settings = pipeline.settings();
        this.work = work;
    }

    @Override
    public void run(
            TargetSession session,
            Checkpoint claim,
            List<TableDefinition> tables,
            List<TableDefinition> wanted) {
        requireNoLog(claim);
        try (TableLoads loads = pipeline.target().loads(claim)) {
            Run last = claim.phase() == Phase.LOADED ? loads.last().orElse(null) : null;
            Instant due = due(last);
            if (due != null && !due.isAfter(pipeline.clock().instant())) {
                last = load(session, loads, claim, tables, wanted);
                due = due(last);
            } else {
                finishBuilds(session, wanted);
            }
            Run complete = Objects.requireNonNull(last, "what was never done is due");
            pipeline.loaded(complete, due);
            pipeline.enter(due == null ? PipelineState.COMPLETED : PipelineState.WAITING);
        }
    }

    /** When the tables are to be loaded next; null for never again. */
    private @Nullable Instant due(@Nullable Run last) {
        Instant now = pipeline.clock().instant();
        if (last == null) {
            return now;
        }
        if (work.schedule() == null) {
            return null;
        }
        // A clock that was set back would have it wait for as long as that.
        return last.started().isAfter(now) ? now : work.schedule().apply(last.started());
    }

    /** A foreign key would keep its tables from being exchanged. */
    private static boolean isMade(Build build) {
        return build.kind() != Kind.FOREIGN_KEY;
    }

    private void finishBuilds(TargetSession session, List<TableDefinition> wanted) {
        pipeline.pendingBuilds().finish(wanted, session, LoadAttempt::isMade);
    }

    /** Tables that follow a log must not be replaced under it. */
    private void requireNoLog(Checkpoint claim) {
        if (claim.phase() != Phase.NEW && claim.phase() != Phase.LOADED) {
            throw new ConnectorException(
                    ErrorClass.FATAL,
                    ("The pipeline %s followed the source's log before. Give the replication another"
                                    + " name; or, to go on in this mode, run: sluice recopy -c FILE '%s'"
                                    + " --yes, and on a PostgreSQL source drop the replication slot"
                                    + " named sluice_… after the pipeline.")
                            .formatted(settings.name(), settings.name()));
        }
    }

    /** What is not switched in is not left behind, unless the target or this process is gone. */
    private Run load(
            TargetSession session,
            TableLoads loads,
            Checkpoint claim,
            List<TableDefinition> tables,
            List<TableDefinition> wanted) {
        loads.clear();
        try {
            return loadAll(session, loads, claim, tables, wanted);
        } catch (RuntimeException e) {
            try {
                session.rollback(); // it may hold what is to be dropped
                loads.clear();
            } catch (RuntimeException left) {
                e.addSuppressed(left); // the next load begins with that
            }
            throw e;
        }
    }

    private Run loadAll(
            TargetSession session,
            TableLoads loads,
            Checkpoint claim,
            List<TableDefinition> tables,
            List<TableDefinition> wanted) {
        Instant started = pipeline.clock().instant();
        long number = loads.begin(started);
        pipeline.enter(PipelineState.COPYING);
        loads.created(pipeline.pendingBuilds().create(tables, wanted, LoadAttempt::isMade));
        // While they are empty, and so that those beside them have it too: what is made on a table
        // that is read waits for its readers, and has others wait.
        finishBuilds(session, wanted);
        Map<TableId, TableId> shadows = new HashMap<>();
        List<Loaded> loaded = new ArrayList<>();
        for (TableDefinition table : wanted) {
            TableId shadow = loads.shadow(table.table());
            shadows.put(table.table(), shadow);
            loaded.add(new Loaded(table.schema(), shadow));
        }
        Failpoint.SHADOWS_CREATED.reached();
        Instant moment = sourceClock();
        String position;
        try (SnapshotReader snapshot =
                pipeline.source().present(settings.name(), tables, settings.copy().workers())) {
            position = snapshot.position().text();
            fill(session, claim, tables, shadows, snapshot);
            claim = claim.at(snapshot.position(), moment).of(pipeline.source().identity());
        }
        Failpoint.SHADOWS_FILLED.reached();
        loads.analyze(loaded);
        Changes changes = switchIn(loads, loaded, moment);
        Failpoint.SWITCHED.reached();
        Run run =
                new Run(
                        number,
                        started,
                        pipeline.clock().instant(),
                        position,
                        moment,
                        pipeline.tables().copies().rows(),
                        changes);
        loads.end(run);
        Checkpoint complete = claim.in(Phase.LOADED);
        session.commit(complete);
        pipeline.at(complete);
        tell(run, tables.size());
        return run;
    }

    private void fill(
            TargetSession session,
            Checkpoint claim,
            List<TableDefinition> tables,
            Map<TableId, TableId> shadows,
            SnapshotReader snapshot) {
        Routing routing = settings.routing();
        Routing beside =
                new Routing(
                        routing.includes(),
                        table ->
                                Objects.requireNonNull(shadows.get(routing.renames().apply(table))),
                        routing.excludedColumns());
        // A row that is refused ends the load: what stands stays whole.
        new InitialCopy(
                        pipeline.source(),
                        pipeline.target(),
                        session,
                        beside,
                        settings.copy(),
                        pipeline.tables().copies(),
                        Parking.none())
                .run(snapshot, tables, claim);
    }

    /** Asked before the snapshot is taken, so that the rows are of this moment or later. */
    private Instant sourceClock() {
        try (SourceProbe probe = pipeline.source().probe(settings.name())) {
            return probe.read().clock();
        }
    }

    private Changes switchIn(TableLoads loads, List<Loaded> loaded, Instant moment) {
        Changes changes = Changes.NONE;
        if (work.merges()) {
            for (Loaded one : loaded) {
                Changes merged = untilDone(List.of(one), () -> loads.merge(one, moment));
                changes = changes.plus(merged);
                if (!merged.equals(Changes.NONE)) {
                    enter(one, merged);
                }
                Failpoint.TABLE_SWITCHED.reached();
            }
        } else if (work.together()) {
            replace(loads, loaded, moment);
        } else {
            for (Loaded one : loaded) {
                replace(loads, List.of(one), moment);
                Failpoint.TABLE_SWITCHED.reached();
            }
        }
        return changes;
    }

    private void replace(TableLoads loads, List<Loaded> loaded, Instant moment) {
        untilDone(
                loaded,
                () ->
                        loads.replace(loaded, moment, work.keep())
                                ? Optional.of(Changes.NONE)
                                : Optional.empty());
        loaded.forEach(one -> enter(one, Changes.NONE));
    }

    private void enter(Loaded one, Changes changes) {
        Map<Operation, Long> counts =
                Map.of(
                        Operation.INSERT, changes.inserted(),
                        Operation.UPDATE, changes.updated(),
                        Operation.DELETE, changes.deleted());
        pipeline.tables().changed(one.table().table(), counts);
    }

    /**
     * @param step empty if others hold the tables
     */
    private Changes untilDone(List<Loaded> loaded, Supplier<Optional<Changes>> step) {
        for (int n = 0; n < TRIES; n++) {
            Optional<Changes> done = step.get();
            if (done.isPresent()) {
                return done.get();
            }
            LOG.info("Others hold the tables; they are switched in when these let go.");
            if (pipeline.stopSignal().await(BETWEEN_TRIES)) {
                throw new CancellationException("told to stop");
            }
        }
        throw new ConnectorException(
                ErrorClass.RETRY,
                "%s: others held the tables for too long, so what was loaded was not switched in: %s"
                        .formatted(
                                settings.target(),
                                loaded.stream().map(one -> one.table().table()).toList()));
    }

    private void tell(Run run, int tables) {
        LOG.info(
                "Load {} is complete: {} rows of {} tables as of {}, at {}{}.",
                run.number(),
                run.rows(),
                tables,
                run.moment(),
                run.position(),
                work.merges()
                        ? "; %d inserted, %d updated, %d deleted"
                                .formatted(
                                        run.changes().inserted(),
                                        run.changes().updated(),
                                        run.changes().deleted())
                        : "");
    }
}
