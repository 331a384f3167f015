package io.sluice.gateway.pipeline;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.Origin;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.change.TransactionPiece;
import io.sluice.connectors.spi.ChangeSource;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.Checkpoint.Phase;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.SiteSession;
import io.sluice.connectors.spi.SiteSession.ReadingPoint;
import io.sluice.connectors.spi.SiteSnapshot;
import io.sluice.connectors.spi.SnapshotReader;
import io.sluice.connectors.spi.SourceDatabase;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TargetSession;
import io.sluice.gateway.capture.PieceBuffer;
import io.sluice.gateway.failpoint.Failpoint;
import io.sluice.gateway.route.Router;
import io.sluice.gateway.sites.Joined;
import io.sluice.gateway.sites.JoinedVersions;
import io.sluice.gateway.sites.Joining;
import io.sluice.gateway.sites.MemberLogs;
import io.sluice.gateway.sites.SiteSide;
import io.sluice.gateway.snapshot.InitialCopy;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fills a site that joins others, which go on writing: the steps of {@link Joining}, in one attempt
 * or anew. Used by one thread.
 */
final class SiteEntry {

    private static final Logger LOG = LoggerFactory.getLogger(SiteEntry.class);

    /** Between two looks whether the moment has come. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Pipeline pipeline;
    private final PipelineSettings settings;
    private final SourceDatabase source;
    private final TargetSession session;
    private final List<TableDefinition> tables;
    private final InitialCopy copy;
    private final SiteSide side;
    private final SiteSide.Mesh mesh;
    private final Joining joining;

    private SiteEntry(
            Pipeline pipeline,
            TargetSession session,
            List<TableDefinition> tables,
            InitialCopy copy,
            SiteSide side,
            Joining joining) {
        this.pipeline = pipeline;
        this.settings = pipeline.settings();
        this.source = pipeline.source();
        this.session = session;
        this.tables = tables;
        this.copy = copy;
        this.side = side;
        this.mesh = side.mesh().orElseThrow();
        this.joining = joining;
    }

    /**
     * Of a pipeline whose target is to join; empty of any other.
     *
     * @param tables of the source
     */
    static Optional<SiteEntry> due(
            Pipeline pipeline,
            TargetSession session,
            List<TableDefinition> tables,
            InitialCopy copy) {
        return pipeline.settings().work() instanceof Work.BetweenSites sites
                ? sites.side()
                        .joining()
                        .map(
                                joining ->
                                        new SiteEntry(
                                                pipeline,
                                                session,
                                                tables,
                                                copy,
                                                sites.side(),
                                                joining))
                : Optional.empty();
    }

    /**
     * @param known the claim, with the source's identity
     * @param startLog of the source
     * @return from where the source's log is to be followed
     */
    Checkpoint run(Checkpoint known, Supplier<SnapshotReader> startLog)
            throws InterruptedException {
        joining.begin();
        ReadingPoint from;
        try (SnapshotReader log = startLog.get()) {
            from = mesh.begin().apply(log.position());
        }
        HybridTimestamp agreed = joining.agreed();
        session.requireClaim(); // before the others' logs are made anew
        MemberLogs members = joining.open();
        awaitMoment(members, agreed);
        try (SnapshotReader snapshot =
                source.snapshot(settings.name(), tables, settings.copy().workers())) {
            SiteSnapshot memory = memory(snapshot);
            Joined joined =
                    joined(memory, members, agreed)
                            .orElseThrow(
                                    () ->
                                            new ConnectorException(
                                                    ErrorClass.RETRY,
                                                    "%s is behind the moment at which it was ready to be copied."
                                                            .formatted(settings.source())));
            members.requireUnaltered();
            pipeline.enter(PipelineState.COPYING);
            Checkpoint copying = copy.begin(snapshot, tables, known);
            copy.run(snapshot, tables, copying);
            Failpoint.COPY_WRITTEN.reached();
            JoinedVersions versions = versions(copying, from, agreed, memory);
            members.requireReach(joined);
            return end(copying, versions, agreed, joined);
        }
    }

    /** One that is copied has to be later than the beginnings of all logs that go on from it. */
    private void awaitMoment(MemberLogs members, HybridTimestamp agreed) {
        LOG.info(
                "{} joins sites that write: waits until {} has what the others write from now on.",
                settings.target(),
                settings.source());
        while (!isReady(members, agreed)) {
            if (pipeline.stopSignal().await(PAUSE)) {
                throw new CancellationException("told to stop");
            }
            session.requireClaim();
            urge(members);
        }
    }

    /** Without a word of its own a site does not tell what it has of the others. */
    private void urge(MemberLogs members) {
        try {
            source.speak();
            members.urge();
        } catch (ConnectorException e) {
            if (e.errorClass() != ErrorClass.RETRY) {
                throw e;
            }
            LOG.debug("A site could not be urged, and will be again: {}", e.getMessage());
        }
    }

    private boolean isReady(MemberLogs members, HybridTimestamp agreed) {
        try (SnapshotReader now = source.present(settings.name(), List.of(), 1)) {
            return joined(memory(now), members, agreed).isPresent();
        }
    }

    private Optional<Joined> joined(
            SiteSnapshot memory, MemberLogs members, HybridTimestamp agreed) {
        return Joined.at(memory, members.members(), new Origin(settings.source()), agreed);
    }

    private SiteSnapshot memory(SnapshotReader snapshot) {
        return snapshot.site()
                .orElseThrow(
                        () ->
                                new ConnectorException(
                                        ErrorClass.FATAL,
                                        "%s cannot join sites that write already: %s is of an engine that cannot say what it has of them."
                                                .formatted(settings.target(), settings.source())));
    }

    /** The rows are there, and what is known of them is to be. */
    private JoinedVersions versions(
            Checkpoint copying, ReadingPoint from, HybridTimestamp agreed, SiteSnapshot memory)
            throws InterruptedException {
        JoinedVersions versions =
                new JoinedVersions(
                        joining.reader(),
                        from,
                        Objects.requireNonNull(copying.position()),
                        this::site,
                        () -> session.commit(copying),
                        agreed,
                        side.policies(),
                        schemas());
        versions.take(memory, joining.firstMark(), settings.routing().renames()::apply);
        hear(versions, from);
        return versions;
    }

    /** From the commit on all pipelines to the site follow their logs. */
    private Checkpoint end(
            Checkpoint copying, JoinedVersions versions, HybridTimestamp agreed, Joined joined) {
        ReadingPoint point = versions.end(agreed);
        SiteSession site = site();
        joined.begin(site);
        site.save(point);
        Checkpoint streaming = copying.in(Phase.STREAMING).stamped(versions.reached());
        session.commit(streaming);
        LOG.info("{} has joined: its rows are those of one moment.", settings.target());
        source.resumeLog(
                settings.name(), tables, point.position(), source.identity()); // its reader is gone
        return streaming;
    }

    private List<TableSchema> schemas() {
        return tables.stream().map(table -> settings.routing().target(table).schema()).toList();
    }

    private SiteSession site() {
        return session.site().orElseThrow().shared(mesh.name());
    }

    /** The source's heartbeats, or its speaking, let something come after the moment. */
    private void hear(JoinedVersions versions, ReadingPoint from) throws InterruptedException {
        source.speak();
        Router router = new Router(settings.routing());
        PieceBuffer buffer =
                new PieceBuffer(
                        settings.buffer().maxRows(), settings.buffer().maxBytes(), piece -> {});
        List<TableId> names = tables.stream().map(TableDefinition::table).toList();
        try (ChangeSource changes =
                source.changes(
                        settings.name(),
                        names,
                        from.position(),
                        pipeline.target().schemaHistory(settings.name()))) {
            changes.start(buffer);
            long since = System.nanoTime();
            for (boolean passed = false; !passed; ) {
                TransactionPiece piece = buffer.poll(Work.LOOK);
                if (pipeline.stopSignal().isRequested()) {
                    throw new CancellationException("told to stop");
                }
                if (piece != null) {
                    since = System.nanoTime();
                    passed = versions.hear(piece, router.route(piece));
                } else if (isSilent(since)) {
                    throw new ConnectorException(
                            ErrorClass.RETRY,
                            "Nothing comes out of the log of %s.".formatted(settings.source()));
                }
            }
        } finally {
            buffer.close();
        }
    }

    /** A source that has to go through much of its log is given more time with each attempt. */
    private boolean isSilent(long since) {
        Duration patience =
                settings.stallTimeout()
                        .multipliedBy(1L << Math.min(pipeline.status().retries(), 8));
        return System.nanoTime() - since > patience.toNanos();
    }
}
