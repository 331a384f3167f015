package io.sluice.gateway.pipeline;

import io.sluice.change.SourcePosition;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.Checkpoint.Phase;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.Holder;
import io.sluice.connectors.spi.LogGapException;
import io.sluice.connectors.spi.RowRefusedException;
import io.sluice.connectors.spi.SnapshotReader;
import io.sluice.connectors.spi.SourceDatabase;
import io.sluice.connectors.spi.TableCopy;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TargetDatabase;
import io.sluice.connectors.spi.TargetSession;
import io.sluice.gateway.apply.Convergence;
import io.sluice.gateway.apply.UniqueKeys;
import io.sluice.gateway.failpoint.Failpoint;
import io.sluice.gateway.pipeline.PipelineStatus.Failure;
import io.sluice.gateway.pipeline.PipelineStatus.Gap;
import io.sluice.gateway.snapshot.InitialCopy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * The pipeline's thread: attempt after attempt, each from the checkpoint with everything fresh,
 * until it is told to stop or an error does not pass by itself.
 */
final class PipelineLoop implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(PipelineLoop.class);

    private final Pipeline pipeline;
    private final PipelineSettings settings;
    private final SourceDatabase source;
    private final TargetDatabase target;

    private final Holder holder;

    private @Nullable Checkpoint held;
    private @Nullable Set<TableId> taken;

    PipelineLoop(Pipeline pipeline) {
        this.pipeline = pipeline;
        this.settings = pipeline.settings();
        this.source = pipeline.source();
        this.target = pipeline.target();
        this.holder = Holder.named(settings.owner());
    }

    @Override
    public void run() {
        MDC.put("pipeline", settings.name());
        while (!pipeline.stopSignal().isRequested()) {
            try {
                attempt();
            } catch (CancellationException | InterruptedException e) {
                break; // told to stop
            } catch (ConnectorException e) {
                if (e.errorClass() != ErrorClass.RETRY) {
                    fail(e);
                    return;
                }
                pauseAfter(e);
            } catch (RuntimeException | Error e) {
                fail(e);
                return;
            }
        }
        pipeline.enter(PipelineState.STOPPED);
    }

    private void attempt() throws InterruptedException {
        pipeline.enter(PipelineState.STARTING);
        List<TableDefinition> tables = select();
        if (tables.isEmpty()) {
            throw new ConnectorException(
                    ErrorClass.FATAL,
                    "No table of %s matches the replication's `tables`."
                            .formatted(settings.source()));
        }
        List<TableDefinition> wanted = tables.stream().map(settings.routing()::target).toList();
        requireNoBlocks(tables, wanted);
        target.prepare();
        Checkpoint claim = claim();
        pipeline.at(claim);
        try (TargetSession session = target.session(claim, settings.statementTimeout())) {
            if (claim.phase() == Phase.STREAMING) {
                prove(claim, convergence(session, claim, tables));
            }
            Checkpoint start = joinLog(session, claim, tables, wanted);
            pipeline.at(start);
            Convergence convergence = convergence(session, start, tables);
            prove(start, convergence);
            List<TableId> names = tables.stream().map(TableDefinition::table).toList();
            new StreamLoop(pipeline, session, start, convergence).run(names);
        }
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

    /** The first attempt takes the pipeline over; a later one only keeps what is still its own. */
    private Checkpoint claim() {
        Checkpoint claim =
                held == null ? target.claim(settings.name(), holder) : target.renew(held, holder);
        held = claim;
        return claim;
    }

    /**
     * The tables of the first attempt. One that was created since does not make a retry fail: it is
     * named, and the next start of the gateway deals with it.
     */
    private List<TableDefinition> select() {
        List<TableDefinition> now = settings.routing().select(source.tables());
        Set<TableId> names = now.stream().map(TableDefinition::table).collect(Collectors.toSet());
        if (taken == null && !now.isEmpty()) {
            taken = Set.copyOf(names);
        }
        Set<TableId> first = taken == null ? names : taken;
        Set<TableId> later = new TreeSet<>(names);
        later.removeAll(first);
        if (!later.isEmpty()) {
            LOG.warn("Not replicated, for they were created after the start: {}.", later);
        }
        return now.stream().filter(table -> first.contains(table.table())).toList();
    }

    private void requireNoBlocks(List<TableDefinition> tables, List<TableDefinition> wanted) {
        List<Finding> findings = new ArrayList<>(settings.routing().check(tables));
        findings.addAll(source.check(tables));
        findings.addAll(target.check(ColumnsToCome.left(wanted, source, target, settings.name())));
        if (!settings.createTables()) {
            findings.addAll(missing(wanted));
        }
        String blocking =
                findings.stream()
                        .filter(f -> f.severity() == Finding.Severity.BLOCKS)
                        .map(f -> "%s: %s %s".formatted(f.subject(), f.problem(), f.remedy()))
                        .collect(Collectors.joining(" | "));
        if (!blocking.isEmpty()) {
            throw new ConnectorException(ErrorClass.FATAL, blocking);
        }
    }

    private List<Finding> missing(List<TableDefinition> wanted) {
        List<TableId> names = wanted.stream().map(TableDefinition::table).toList();
        List<TableId> standing = target.tables(names).stream().map(TableDefinition::table).toList();
        return names.stream()
                .filter(name -> !standing.contains(name))
                .map(
                        name ->
                                Finding.blocks(
                                        name.toString(),
                                        "The table is missing on the target.",
                                        "Create it, or set createTables: true."))
                .toList();
    }

    private Checkpoint joinLog(
            TargetSession session,
            Checkpoint claim,
            List<TableDefinition> tables,
            List<TableDefinition> wanted) {
        if (claim.phase() == Phase.STREAMING) {
            source.resumeLog(
                    settings.name(),
                    tables,
                    Objects.requireNonNull(claim.position()),
                    Objects.requireNonNull(claim.sourceIdentity()));
            if (settings.initialCopy()) {
                requireCopied(session, wanted);
            }
            return claim;
        }
        pipeline.exposure().forget();
        if (!settings.initialCopy()) {
            return beginAtNow(session, claim, tables, wanted);
        }
        InitialCopy copy =
                new InitialCopy(
                        target,
                        session,
                        settings.routing(),
                        settings.copy(),
                        pipeline.copyMonitor());
        if (goesOn(session, claim, tables)) {
            target.create(wanted, source.types(tables));
            if (!copy.isDone(tables, claim)) {
                pipeline.enter(PipelineState.COPYING);
                try (SnapshotReader snapshot =
                        source.snapshot(settings.name(), tables, settings.copy().workers())) {
                    copy.run(snapshot, tables, claim);
                }
            }
            return copy.end(claim);
        }
        Checkpoint known = claimLog(session, claim);
        target.create(wanted, source.types(tables));
        copy.requireEmptyOrOwn(tables);
        try (SnapshotReader snapshot = startLog(tables, settings.copy().workers())) {
            pipeline.enter(PipelineState.COPYING);
            Checkpoint copying = copy.begin(snapshot, tables, known);
            copy.run(snapshot, tables, copying);
            return copy.end(copying);
        }
    }

    private Checkpoint beginAtNow(
            TargetSession session,
            Checkpoint claim,
            List<TableDefinition> tables,
            List<TableDefinition> wanted) {
        Checkpoint known = claimLog(session, claim);
        target.create(wanted, source.types(tables));
        try (SnapshotReader snapshot = startLog(tables, 1)) {
            Checkpoint streaming = known.at(snapshot.position(), null).in(Phase.STREAMING);
            session.commit(streaming);
            return streaming;
        }
    }

    private SnapshotReader startLog(List<TableDefinition> tables, int readers) {
        SnapshotReader snapshot =
                source.startLog(
                        settings.name(), tables, target.schemaHistory(settings.name()), readers);
        Failpoint.LOG_STARTED.reached();
        return snapshot;
    }

    /** Whether a copy was begun whose log is still there, so that only the rest is copied. */
    private boolean goesOn(TargetSession session, Checkpoint claim, List<TableDefinition> tables) {
        if (claim.phase() != Phase.COPYING || claim.position() == null) {
            return false;
        }
        if (session.enforcesForeignKeys()) {
            LOG.warn(
                    "The copy begins anew: {} enforces foreign keys and triggers, under which rows"
                            + " of different moments cannot be joined. Let the role set"
                            + " session_replication_role to go on where a copy was interrupted.",
                    settings.target());
            return false;
        }
        try {
            source.resumeLog(
                    settings.name(),
                    tables,
                    claim.position(),
                    Objects.requireNonNull(claim.sourceIdentity()));
            return true;
        } catch (LogGapException e) {
            LOG.warn("The copy begins anew: {}", e.getMessage());
            return false;
        }
    }

    /** Null where all rows are of the checkpoint. */
    private @Nullable Convergence convergence(
            TargetSession session, Checkpoint start, List<TableDefinition> tables) {
        SourcePosition from = Objects.requireNonNull(start.position());
        Map<TableId, TableDefinition> sources = new HashMap<>();
        tables.forEach(
                table -> sources.put(settings.routing().renames().apply(table.table()), table));
        List<TableCopy> copies =
                session.copies().stream().filter(c -> sources.containsKey(c.table())).toList();
        session.rollback();
        Convergence convergence =
                Convergence.of(
                        copies,
                        uniqueKeys(sources.keySet()),
                        (table, key) ->
                                source.find(
                                        new TableSchema(
                                                Objects.requireNonNull(sources.get(table.table()))
                                                        .table(),
                                                table.columns(),
                                                table.key()),
                                        key));
        return convergence.isReachedBy(from) ? null : convergence;
    }

    private Function<TableId, List<List<String>>> uniqueKeys(Set<TableId> tables) {
        Map<TableId, List<List<String>>> keys = new HashMap<>();
        for (TableDefinition table : target.tables(tables)) {
            keys.put(table.table(), UniqueKeys.of(table));
        }
        return table -> keys.getOrDefault(table, List.of());
    }

    /** A table that came after the copy would lack what it held before it was followed. */
    private void requireCopied(TargetSession session, List<TableDefinition> wanted) {
        Set<TableId> copied =
                session.copies().stream().map(TableCopy::table).collect(Collectors.toSet());
        session.rollback();
        List<TableId> later =
                wanted.stream()
                        .map(TableDefinition::table)
                        .filter(table -> !copied.contains(table))
                        .toList();
        if (!later.isEmpty()) {
            throw new ConnectorException(
                    ErrorClass.FATAL,
                    "These tables match the replication and were not copied: %s. Exclude them, or copy"
                                    .formatted(later)
                            + " all again: sluice recopy -c FILE '%s' --yes"
                                    .formatted(settings.name()));
        }
    }

    /**
     * Makes the source's log this pipeline's own. The claim fences gateways that write to the same
     * target; another one, of the same names and another target, has a checkpoint elsewhere, and
     * its log must not be taken from it.
     */
    private Checkpoint claimLog(TargetSession session, Checkpoint claim) {
        String identity = source.identity();
        Checkpoint known = claim.of(identity);
        if (!identity.equals(claim.sourceIdentity())) {
            if (source.hasLog(settings.name())) {
                throw new ConnectorException(
                        ErrorClass.FATAL,
                        "%s keeps a log for a pipeline %s that this target did not begin: another"
                                        .formatted(settings.source(), settings.name())
                                + " gateway may read it. Give this replication another name; or, if"
                                + " no other gateway uses it, drop the replication slot named"
                                + " sluice_… after the pipeline on the source.");
            }
            session.commit(known);
        }
        return known;
    }

    private void pauseAfter(ConnectorException e) {
        int attempts = pipeline.status().retries() + 1;
        Duration delay = settings.retry().delay(attempts);
        pipeline.failed(failure(e), attempts);
        pipeline.observer().failed("retry");
        pipeline.enter(PipelineState.STARTING);
        LOG.warn(
                "{} Tries again in {} ms (attempt {}).",
                e.getMessage(),
                delay.toMillis(),
                attempts);
        pipeline.stopSignal().await(delay);
    }

    private void fail(Throwable e) {
        Failure failure = failure(e);
        pipeline.failed(failure, 0);
        pipeline.observer().failed(failure.errorClass());
        pipeline.enter(PipelineState.FAILED);
        if (e instanceof ConnectorException) {
            LOG.error("FAILED: {}", failure.message());
        } else {
            LOG.error("FAILED: {}", failure.message(), e);
        }
    }

    private Failure failure(Throwable e) {
        String errorClass =
                e instanceof ConnectorException connector
                        ? connector.errorClass().name().toLowerCase(Locale.ROOT)
                        : "fatal";
        String message =
                e instanceof ConnectorException
                        ? String.valueOf(e.getMessage())
                        : "An error that nobody foresaw: " + e;
        RowRefusedException row = e instanceof RowRefusedException refused ? refused : null;
        return new Failure(
                errorClass,
                message,
                pipeline.clock().instant(),
                row == null ? null : row.table().toString(),
                row == null ? null : row.key(),
                e instanceof LogGapException gap ? new Gap(gap.from(), gap.to()) : null);
    }
}
