package io.sluice.gateway.pipeline;

import io.sluice.change.Alteration;
import io.sluice.change.SourcePosition;
import io.sluice.change.TableId;
import io.sluice.change.TransactionEnd;
import io.sluice.change.TransactionPiece;
import io.sluice.connectors.spi.ChangeSource;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.LogGapException;
import io.sluice.connectors.spi.TargetSession;
import io.sluice.gateway.apply.Applier;
import io.sluice.gateway.apply.Convergence;
import io.sluice.gateway.apply.Operation;
import io.sluice.gateway.apply.Settling;
import io.sluice.gateway.capture.PieceBuffer;
import io.sluice.gateway.failpoint.Failpoint;
import io.sluice.gateway.route.Router;
import io.sluice.gateway.sites.GivingWay;
import io.sluice.gateway.sites.SiteFlow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One reading of the source's log, applied until it fails or the pipeline is to stop. */
final class StreamLoop {

    private static final Logger LOG = LoggerFactory.getLogger(StreamLoop.class);

    /** How long an idle loop waits before it looks at the rest of the world. */
    private static final Duration IDLE_WAIT = Duration.ofMillis(100);

    /** How long what was read may take to be written when the pipeline is to stop. */
    private static final Duration DRAIN_TIME = Duration.ofSeconds(5);

    private final Pipeline pipeline;
    private final PipelineSettings settings;
    private final TargetSession session;
    private final Checkpoint start;
    private final @Nullable Convergence convergence;
    private final Router router;
    private final Optional<TableFollower> follower;
    private final SourceRows finder;

    private @Nullable SiteFlow site;
    private boolean grouping;
    private long groupBeganNanos;
    private @Nullable SourcePosition seen;
    private @Nullable Instant looked;
    private @Nullable Instant atStart;
    private long heartbeatsAtLastPiece;
    private long lastPieceNanos = System.nanoTime();
    private long claimedNanos = System.nanoTime();
    private long tendedNanos = System.nanoTime();

    /**
     * @param convergence what the rows of the copy need of the log; null where they need nothing
     */
    StreamLoop(
            Pipeline pipeline,
            TargetSession session,
            Checkpoint start,
            @Nullable Convergence convergence) {
        this.pipeline = pipeline;
        this.settings = pipeline.settings();
        this.session = session;
        this.start = start;
        this.convergence = convergence;
        this.router = new Router(settings.routing());
        this.finder = new SourceRows(pipeline.source(), settings.routing());
        this.follower =
                pipeline.source()
                        .alterations()
                        .map(
                                states ->
                                        new TableFollower(
                                                pipeline.source(),
                                                pipeline.target(),
                                                settings,
                                                states));
    }

    void run(List<TableId> tables) throws InterruptedException {
        pipeline.exposure().restarted();
        pipeline.enter(behind());
        PieceBuffer buffer =
                new PieceBuffer(
                        settings.buffer().maxRows(),
                        settings.buffer().maxBytes(),
                        piece -> pipeline.exposure().received(piece));
        SiteFlow flow =
                settings.work() instanceof Work.BetweenSites sites
                        ? new SiteFlow(
                                sites.side(),
                                session,
                                settings.routing().targets(tables),
                                start,
                                pipeline.clock(),
                                pipeline.stopSignal()::isRequested,
                                (type, resolution) ->
                                        pipeline.observer().conflict(type, resolution))
                        : null;
        site = flow;
        SourcePosition from = flow == null ? Objects.requireNonNull(start.position()) : flow.from();
        try (flow;
                ChangeSource changes =
                        pipeline.source()
                                .changes(
                                        settings.name(),
                                        tables,
                                        from,
                                        pipeline.target().schemaHistory(settings.name()))) {
            Applier applier =
                    new Applier(
                            session,
                            start,
                            convergence,
                            settings.apply(),
                            session.enforcesForeignKeys(),
                            pipeline.parking(),
                            flow == null ? Settling.NONE : flow.settling(),
                            new Durable(changes));
            changes.start(flow == null ? buffer : flow.before(buffer));
            pipeline.reading(buffer);
            heartbeatsAtLastPiece = pipeline.probe().state().heartbeats();
            atStart = pipeline.probe().state().clock();
            while (!pipeline.stopSignal().isRequested()) {
                if (canBuild()) {
                    return; // the next attempt does; what is not committed comes again
                }
                if (flow != null && flow.hasGivenWay()) {
                    giveWay(flow, buffer);
                    return; // the next attempt reads it again
                }
                stepUnlessGivingWay(buffer, applier);
            }
            pipeline.enter(PipelineState.DRAINING);
            changes.close();
            // A site's would wait for the other direction, which may have ended: it comes again.
            if (flow == null) {
                drain(buffer, applier);
            }
        } finally {
            pipeline.reading(null);
            buffer.close();
        }
    }

    /** Whether the rows have come together, and what had to wait for that can be built. */
    private boolean canBuild() {
        return convergence != null
                && pipeline.consistentAt() == null
                && pipeline.builds().hasPending();
    }

    /** A target that holds rows of different moments is not a copy yet. */
    private PipelineState behind() {
        return pipeline.consistentAt() == null ? PipelineState.CATCHING_UP : PipelineState.COPYING;
    }

    private void noteConvergence() {
        if (convergence == null) {
            return;
        }
        Checkpoint at = pipeline.checkpoint();
        pipeline.consistentAt(
                convergence.goal(Objects.requireNonNull(at == null ? null : at.position())));
    }

    private void stepUnlessGivingWay(PieceBuffer buffer, Applier applier)
            throws InterruptedException {
        try {
            step(buffer, applier);
        } catch (CancellationException e) {
            if (site == null || !site.hasGivenWay()) {
                throw e;
            }
        }
    }

    /** The reading goes on, for the other direction to hear, and nothing of it is kept. */
    private void giveWay(SiteFlow flow, PieceBuffer buffer) throws InterruptedException {
        session.rollback();
        buffer.clear();
        pipeline.enter(behind());
        try (GivingWay other = flow.givingWay()) {
            while (!pipeline.stopSignal().isRequested() && !other.isOver()) {
                buffer.poll(IDLE_WAIT); // fails if the reading has
                keepClaim(session::requireClaim);
            }
        }
    }

    private void step(PieceBuffer buffer, Applier applier) throws InterruptedException {
        tendParked(applier);
        TransactionPiece piece = buffer.poll(patience());
        if (piece == null) {
            applier.commitGroup();
            grouping = false;
            watch();
            keepClaim(applier::requireClaim);
            return;
        }
        noteHeard();
        apply(piece, applier);
        if (applier.hasWork() && !grouping) {
            groupBeganNanos = lastPieceNanos;
        }
        grouping = applier.hasWork();
        noteProgress();
    }

    /** What was before an alteration is committed before the target's table is looked at. */
    private void apply(TransactionPiece piece, Applier applier) throws InterruptedException {
        Alteration alteration = piece.alteration().orElse(null);
        if (alteration != null) {
            applier.commitGroup();
            follower.orElseThrow().follow(alteration);
        }
        while (site != null && site.isEarly(piece)) {
            applier.commitGroup(); // others may wait for that
            grouping = false;
            site.awaitOthers();
            keepClaim(applier::requireClaim);
        }
        TransactionPiece routed = router.route(piece);
        if (site != null) {
            routed = site.taken(routed, applier::commitGroup);
        }
        applier.accept(routed);
    }

    /**
     * Without commits, as of a source that is silent, nothing would tell a gateway that another one
     * has taken over, or that its target is gone.
     */
    private void keepClaim(Runnable claim) {
        long now = System.nanoTime();
        if (now - claimedNanos > settings.heartbeat().toNanos()) {
            claim.run();
            claimedNanos = now;
        }
    }

    /** What an operator orders of parked rows is found within a heartbeat. */
    private void tendParked(Applier applier) {
        long now = System.nanoTime();
        if (pipeline.parking().parked() > 0 && now - tendedNanos > settings.heartbeat().toNanos()) {
            applier.tendParked(finder);
            tendedNanos = now;
        }
    }

    private void noteHeard() {
        lastPieceNanos = System.nanoTime();
        heartbeatsAtLastPiece = pipeline.probe().state().heartbeats();
    }

    /** A group waits for more at most its delay, and not at all for what is at hand already. */
    private Duration patience() {
        if (!grouping) {
            return IDLE_WAIT;
        }
        Duration waited = Duration.ofNanos(System.nanoTime() - groupBeganNanos);
        Duration left = settings.apply().maxDelay().minus(waited);
        return left.isNegative() ? Duration.ZERO : left;
    }

    /**
     * Notices a reader that stands still without an error: the source's log goes on, if only by
     * heartbeats, and nothing comes out of it.
     */
    private void watch() {
        noteProgress();
        Duration silent = Duration.ofNanos(System.nanoTime() - lastPieceNanos);
        // Each attempt that brought nothing doubles the patience: a source that needs minutes to
        // decode one huge transaction is not to be interrupted for ever.
        Duration patience =
                settings.stallTimeout()
                        .multipliedBy(1L << Math.min(pipeline.status().retries(), 8));
        boolean heartbeatsSent = pipeline.probe().state().heartbeats() > heartbeatsAtLastPiece + 1;
        if (heartbeatsSent && silent.compareTo(patience) > 0) {
            throw new ConnectorException(
                    ErrorClass.RETRY,
                    "Nothing came out of the log of %s for %d s although it goes on."
                            .formatted(settings.source(), silent.toSeconds()));
        }
    }

    /** Keeps up when what was the log's end at one look is durable at the next; fails on a gap. */
    private void noteProgress() {
        LogGapException gap = pipeline.probe().state().gap();
        if (gap != null) {
            throw gap;
        }
        ProbeLoop.State probed = pipeline.probe().state();
        if (!probed.reachable()) {
            pipeline.enter(behind()); // nobody knows how far the source has gone on
            return;
        }
        SourcePosition end = probed.position();
        Instant clock = probed.clock();
        if (end == null || clock == null || clock.equals(looked)) {
            return;
        }
        looked = clock;
        if (probed.endsBefore() && !clock.equals(atStart)) {
            // Under a reader that goes on, what is new there would pass for what was applied.
            throw new ConnectorException(
                    ErrorClass.RETRY,
                    "The log of %s ends before the checkpoint: it was begun anew, or another server"
                                    .formatted(settings.source())
                            + " answers.");
        }
        if (pipeline.covers(end)) {
            // Nothing is missing as of that moment, and nothing is waited for.
            pipeline.exposure().durable(0, clock);
            noteHeard();
        }
        if (seen != null) {
            boolean keepsUp = pipeline.covers(seen) && pipeline.consistentAt() == null;
            pipeline.enter(keepsUp ? PipelineState.STREAMING : behind());
            if (keepsUp) {
                pipeline.keepsUpWith(end);
            }
        }
        seen = end;
    }

    private void drain(PieceBuffer buffer, Applier applier) throws InterruptedException {
        Instant deadline = pipeline.clock().instant().plus(DRAIN_TIME);
        while (pipeline.clock().instant().isBefore(deadline)) {
            TransactionPiece piece = nextRead(buffer);
            if (piece == null) {
                break;
            }
            apply(piece, applier);
        }
        applier.commitGroup();
    }

    private static @Nullable TransactionPiece nextRead(PieceBuffer buffer)
            throws InterruptedException {
        try {
            return buffer.poll(Duration.ZERO);
        } catch (ConnectorException e) {
            LOG.info("The source failed while the pipeline was stopping: {}", e.getMessage());
            return null;
        }
    }

    /** Passes on what became durable. */
    private final class Durable implements Applier.Observer {

        private final ChangeSource changes;

        Durable(ChangeSource changes) {
            this.changes = changes;
        }

        @Override
        public void committed(
                Checkpoint checkpoint, List<TransactionEnd> ends, Map<Operation, Long> counts) {
            claimedNanos = System.nanoTime();
            SourcePosition upTo = site == null ? checkpoint.position() : site.acknowledged();
            if (upTo != null) {
                changes.acknowledge(upTo);
            }
            Failpoint.ACKNOWLEDGED.reached();
            pipeline.at(checkpoint);
            noteConvergence();
            pipeline.exposure().durable(ends.size(), ends.getLast().commitTime());
            long total = counts.values().stream().mapToLong(Long::longValue).sum();
            pipeline.applied(ends.size(), total);
            pipeline.observer()
                    .applied(
                            counts,
                            ends.stream().map(end -> pipeline.latency(end.commitTime())).toList());
        }

        @Override
        public void changed(TableId table, Map<Operation, Long> changed) {
            pipeline.tables().changed(table, changed);
        }

        @Override
        public void skipped(TransactionEnd end) {
            pipeline.exposure().durable(1, end.commitTime());
        }
    }
}
