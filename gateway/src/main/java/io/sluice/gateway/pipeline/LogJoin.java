package io.sluice.gateway.pipeline;

import io.sluice.change.SourcePosition;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.Checkpoint.Phase;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.LogGapException;
import io.sluice.connectors.spi.SnapshotReader;
import io.sluice.connectors.spi.SourceDatabase;
import io.sluice.connectors.spi.TableCopy;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TargetDatabase;
import io.sluice.connectors.spi.TargetSession;
import io.sluice.gateway.apply.Convergence;
import io.sluice.gateway.apply.UniqueKeys;
import io.sluice.gateway.failpoint.Failpoint;
import io.sluice.gateway.snapshot.InitialCopy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How an attempt comes to the log: it goes on where the checkpoint stands, goes on with a copy that
 * was interrupted, or begins. Used by one thread, for one attempt.
 */
final class LogJoin {

    private static final Logger LOG = LoggerFactory.getLogger(LogJoin.class);

    private final Pipeline pipeline;
    private final PipelineSettings settings;
    private final SourceDatabase source;
    private final TargetDatabase target;
    private final TargetSession session;
    private final List<TableDefinition> tables;
    private final List<TableDefinition> wanted;

    /**
     * @param tables of the source
     * @param wanted the same in the target's names
     */
    LogJoin(
            Pipeline pipeline,
            TargetSession session,
            List<TableDefinition> tables,
            List<TableDefinition> wanted) {
        this.pipeline = pipeline;
        this.settings = pipeline.settings();
        this.source = pipeline.source();
        this.target = pipeline.target();
        this.session = session;
        this.tables = tables;
        this.wanted = wanted;
    }

    /**
     * Makes sure of the log, and of the copy where one is wanted and not there.
     *
     * @return from where the log is to be followed
     */
    Checkpoint from(Checkpoint claim) throws InterruptedException {
        if (claim.phase() == Phase.STREAMING) {
            String resumed =
                    source.resumeLog(
                            settings.name(),
                            tables,
                            Objects.requireNonNull(claim.position()),
                            Objects.requireNonNull(claim.sourceIdentity()));
            if (settings.initialCopy()) {
                requireCopied();
            }
            return claim.of(resumed);
        }
        pipeline.exposure().forget();
        if (!settings.initialCopy()) {
            return beginAtNow(claim);
        }
        InitialCopy copy =
                new InitialCopy(
                        source,
                        target,
                        session,
                        settings.routing(),
                        settings.copy(),
                        pipeline.tables().copies(),
                        pipeline.parking());
        Optional<SiteEntry> entry = SiteEntry.due(pipeline, session, tables, copy);
        if (entry.isPresent()) {
            Checkpoint known = claimLog(claim);
            createMissing();
            copy.requireEmptyOrOwn(tables);
            return entry.get().run(known, () -> startLog(1));
        }
        Checkpoint interrupted = interrupted(claim);
        if (interrupted != null) {
            createMissing();
            if (!copy.isDone(tables, interrupted)) {
                pipeline.enter(PipelineState.COPYING);
                try (SnapshotReader snapshot =
                        source.snapshot(settings.name(), tables, settings.copy().workers())) {
                    copy.run(snapshot, tables, interrupted);
                }
            }
            return copy.end(interrupted);
        }
        Checkpoint known = claimLog(claim);
        createMissing();
        copy.requireEmptyOrOwn(tables);
        try (SnapshotReader snapshot = startLog(settings.copy().workers())) {
            pipeline.enter(PipelineState.COPYING);
            Checkpoint copying = copy.begin(snapshot, tables, known);
            copy.run(snapshot, tables, copying);
            return copy.end(copying);
        }
    }

    private void createMissing() {
        pipeline.pendingBuilds().create(tables, wanted, build -> true);
    }

    private Checkpoint beginAtNow(Checkpoint claim) {
        Checkpoint known = claimLog(claim);
        createMissing();
        try (SnapshotReader snapshot = startLog(1)) {
            Checkpoint streaming = known.at(snapshot.position(), null).in(Phase.STREAMING);
            session.commit(streaming);
            return streaming;
        }
    }

    private SnapshotReader startLog(int readers) {
        SnapshotReader snapshot =
                source.startLog(
                        settings.name(), tables, target.schemaHistory(settings.name()), readers);
        pipeline.probe().logBegun();
        Failpoint.LOG_STARTED.reached();
        return snapshot;
    }

    /** A copy that was begun and whose log is still there, so that only the rest is copied. */
    private @Nullable Checkpoint interrupted(Checkpoint claim) {
        if (claim.phase() != Phase.COPYING || claim.position() == null) {
            return null;
        }
        if (session.enforcesForeignKeys()) {
            LOG.warn(
                    "The copy begins anew: {} enforces foreign keys and triggers, under which rows"
                            + " of different moments cannot be joined. Let the role set"
                            + " session_replication_role to go on where a copy was interrupted.",
                    settings.target());
            return null;
        }
        requireCopied();
        try {
            return claim.of(
                    source.resumeLog(
                            settings.name(),
                            tables,
                            claim.position(),
                            Objects.requireNonNull(claim.sourceIdentity())));
        } catch (LogGapException e) {
            LOG.warn("The copy begins anew: {}", e.getMessage());
            return null;
        }
    }

    /** What the rows of the copy need of the log; null where they are all of the checkpoint. */
    @Nullable Convergence convergence(Checkpoint start) {
        SourcePosition from = Objects.requireNonNull(start.position());
        Map<TableId, TableDefinition> sources = new HashMap<>();
        tables.forEach(
                table -> sources.put(settings.routing().renames().apply(table.table()), table));
        List<TableCopy> copies =
                session.copies().stream().filter(c -> sources.containsKey(c.table())).toList();
        session.rollback();
        pipeline.tables().copied(copies);
        Convergence convergence =
                Convergence.of(
                        copies,
                        target.withOtherUniqueness(sources.keySet()),
                        uniqueKeys(sources.keySet()),
                        (named, row) ->
                                settings.work()
                                        .forms()
                                        .found(
                                                named,
                                                row,
                                                (table, key) ->
                                                        source.find(under(sources, table), key)));
        return convergence.isReachedBy(from) ? null : convergence;
    }

    /** Under its name at the source. */
    private static TableSchema under(Map<TableId, TableDefinition> sources, TableSchema table) {
        TableDefinition there = Objects.requireNonNull(sources.get(table.table()));
        return new TableSchema(there.table(), table.columns(), table.key());
    }

    private Function<TableId, List<List<String>>> uniqueKeys(Set<TableId> targets) {
        Map<TableId, List<List<String>>> keys = new HashMap<>();
        for (TableDefinition table : target.tables(targets)) {
            keys.put(table.table(), UniqueKeys.of(table));
        }
        return table -> keys.getOrDefault(table, List.of());
    }

    /** A table that came after the copy began is not in its log from the first moment on. */
    private void requireCopied() {
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
    private Checkpoint claimLog(Checkpoint claim) {
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
}
