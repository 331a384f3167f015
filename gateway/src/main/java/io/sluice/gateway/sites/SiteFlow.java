package io.sluice.gateway.sites;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.SourcePosition;
import io.sluice.change.TableId;
import io.sluice.change.TransactionPiece;
import io.sluice.connectors.spi.ChangeSource;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.RowRefusedException;
import io.sluice.connectors.spi.SiteSession;
import io.sluice.connectors.spi.SiteSession.ReadingPoint;
import io.sluice.connectors.spi.SourceDatabase;
import io.sluice.connectors.spi.TargetSession;
import io.sluice.gateway.apply.Settling;
import io.sluice.gateway.capture.PieceBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One reading of a site's log, applied at the other site: what is added to that of any other
 * source. Used by the applying thread, but for its receiver.
 */
public final class SiteFlow implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SiteFlow.class);

    /** How long another site's changes are waited for that do not get on. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final SiteSide side;
    private final Checkpoint start;
    private final BooleanSupplier stopping;
    private final SourceDatabase here;
    private final Fence fence;
    private final SourceReading reading;
    private final SiteSettling settling;
    private final ReadingPoint from;
    private final ConcurrentLinkedQueue<Stamp> stamps = new ConcurrentLinkedQueue<>();
    private @Nullable SiteReceiver receiver;
    private @Nullable Stamp current;

    /**
     * @param tables that are replicated, in the target's names
     */
    public SiteFlow(
            SiteSide side,
            TargetSession session,
            Set<TableId> tables,
            Checkpoint start,
            InstantSource clock,
            BooleanSupplier stopping,
            SiteObserver observer) {
        this.side = side;
        this.start = start;
        this.stopping = stopping;
        SiteSession site =
                session.site()
                        .map(own -> side.mesh().map(mesh -> own.shared(mesh.name())).orElse(own))
                        .orElseThrow(
                                () ->
                                        new ConnectorException(
                                                ErrorClass.FATAL,
                                                side.target().site()
                                                        + " is of an engine that cannot be one of several sites."));
        Optional<ReadingPoint> kept = site.readingPoint();
        session.rollback();
        from =
                kept.orElseGet(
                        () -> {
                            SourcePosition first = Objects.requireNonNull(start.position());
                            return side.mesh()
                                    .map(mesh -> mesh.begin().apply(first))
                                    .orElseGet(
                                            () ->
                                                    new ReadingPoint(
                                                            first, HybridTimestamp.ZERO, ""));
                        });
        if (side.mesh().isPresent()) {
            begin(site, session, kept.isEmpty());
        }
        side.mesh().ifPresent(mesh -> mesh.arrivals().found(mesh.reached().get()));
        here = side.here().get();
        fence = new Fence(side.target(), here.probe(side.other()), this::isToStopWaiting);
        reading = new SourceReading(side.source(), kept.orElse(null), System::nanoTime);
        settling =
                new SiteSettling(
                        site,
                        side.target(),
                        fence,
                        new RowVerdicts(
                                site,
                                new SettledRows(session),
                                side.target(),
                                side.policies(),
                                side.forms(),
                                side.mesh().isPresent()),
                        reading,
                        side.mesh().map(mesh -> new MeshVersions(site, mesh, side)),
                        new ConflictPile(site, side.mask(), new ConflictLines(clock), observer),
                        new OrphanWatch(site, tables));
    }

    /** What was between two sites before has versions that are this pipeline's alone. */
    private void begin(SiteSession site, TargetSession session, boolean first) {
        boolean taken = site.takeOwn();
        if (first) {
            // What is known of this position is not to be asked again when more is known.
            site.save(from);
        }
        if (taken || first) {
            session.commit(start);
        } else {
            session.rollback();
        }
    }

    /** From where the log is read: what the checkpoint covers is heard again, and not applied. */
    public SourcePosition from() {
        return from.position();
    }

    public Settling settling() {
        return settling;
    }

    /**
     * Whether a piece begins a transaction that others are to come before, which its site had seen.
     */
    public boolean isEarly(TransactionPiece piece) {
        Stamp next = piece.first() ? stamps.peek() : null;
        return next != null
                && side.mesh().filter(mesh -> !mesh.arrivals().precedes(next)).isPresent();
    }

    /** Waits for these for a while; to be asked {@link #isEarly} again. */
    public void awaitOthers() throws InterruptedException {
        if (side.mesh().isPresent()) {
            Stamp next = Objects.requireNonNull(stamps.peek());
            Arrivals arrivals = side.mesh().get().arrivals();
            side.source().hold().waitsForOthers(arrivals.isInOrder());
            try {
                arrivals.await(next, PATIENCE, this::isToStopWaiting);
            } finally {
                side.source().hold().waitsForOthers(false);
            }
            if (!arrivals.precedes(next)) {
                LOG.warn(
                        "What {} wrote waits at {} for what it had seen of another site, which does not come: where policies are of columns or values, all comes in order.",
                        side.source().site(),
                        side.target().site());
            }
        }
    }

    /** What stands before the buffer; the other direction may wait for what it hears. */
    public ChangeSource.Receiver before(PieceBuffer buffer) {
        side.source().begin(from, buffer::stretch);
        side.mesh().ifPresent(mesh -> mesh.arrivals().flows(side.source().site(), start.clock()));
        if (side.copies()) {
            side.copied().countDown();
        }
        SiteReceiver made = new SiteReceiver(side.source(), side.target(), buffer, stamps);
        receiver = made;
        return made;
    }

    /**
     * Whether what is read is only heard, for the other direction's sake: nothing more is to be
     * applied, and the reading to be begun anew when {@link #givingWay} is over.
     */
    public boolean hasGivenWay() {
        SiteReceiver reader = receiver;
        return reader != null && reader.hasGivenWay();
    }

    private boolean isToStopWaiting() {
        return stopping.getAsBoolean() || hasGivenWay();
    }

    /** From now until it is closed the other direction goes first. */
    public GivingWay givingWay() {
        side.mesh().ifPresent(mesh -> mesh.arrivals().ends(side.source().site()));
        LOG.info(
                "Gives way to {}: both are so far behind that each waits for the other.",
                side.other());
        return new GivingWay(side.target(), fence.horizon(), Fence.PATIENCE);
    }

    /**
     * Notes a piece from the buffer, in the target's names, before it is applied.
     *
     * @param commit what makes durable all that was taken before, where this is refused
     * @return what is to be applied of it
     */
    public TransactionPiece taken(TransactionPiece piece, Runnable commit) {
        if (piece.first()) {
            current = Objects.requireNonNull(stamps.poll());
        }
        Stamp stamp = Objects.requireNonNull(current);
        TransactionPiece left = own(isKnown(stamp) ? withoutKnown(piece) : piece, commit);
        settling.note(left, stamp);
        return left;
    }

    private TransactionPiece own(TransactionPiece piece, Runnable commit) {
        try {
            return side.forms().of(piece);
        } catch (RowRefusedException e) {
            commit.run();
            throw e;
        }
    }

    /** The log, read again, gives the same times, and each transaction a later one. */
    private boolean isKnown(Stamp stamp) {
        HybridTimestamp reached = start.clock();
        return reached != null
                && side.source().repeatsItself()
                && stamp.version().at().compareTo(reached) <= 0;
    }

    /** The beginning of a huge transaction would be written until its end says that it is known. */
    private TransactionPiece withoutKnown(TransactionPiece piece) {
        SourcePosition applied = Objects.requireNonNull(start.position());
        boolean said = !piece.first() || !piece.changes().isEmpty();
        if (said && piece.end().filter(end -> !applied.covers(end.position())).isPresent()) {
            side.source().doesNotRepeatItself();
            throw new ConnectorException(
                    ErrorClass.RETRY,
                    "The log of %s gives other times than before; what came of it is compared by position alone."
                            .formatted(side.source().site()));
        }
        return new TransactionPiece(
                piece.first(), piece.commitTime(), piece.alteration(), List.of(), piece.end());
    }

    /** What the source may let go of its log up to; null for nothing yet. */
    public @Nullable SourcePosition acknowledged() {
        return reading.acknowledged();
    }

    @Override
    public void close() {
        side.source().end();
        side.mesh().ifPresent(mesh -> mesh.arrivals().ends(side.source().site()));
        try {
            fence.close();
        } finally {
            here.close();
        }
    }
}
