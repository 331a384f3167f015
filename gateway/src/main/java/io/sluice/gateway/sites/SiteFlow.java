package io.sluice.gateway.sites;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.SourcePosition;
import io.sluice.change.TransactionPiece;
import io.sluice.connectors.spi.ChangeSource;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.SiteSession;
import io.sluice.connectors.spi.SiteSession.ReadingPoint;
import io.sluice.connectors.spi.SourceDatabase;
import io.sluice.connectors.spi.TargetSession;
import io.sluice.gateway.apply.Settling;
import io.sluice.gateway.capture.PieceBuffer;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * One reading of a site's log, applied at the other site: what is added to that of any other
 * source. Used by the applying thread, but for its receiver.
 */
public final class SiteFlow implements AutoCloseable {

    private final SiteSide side;
    private final InstantSource clock;
    private final SourceDatabase here;
    private final Fence fence;
    private final SourceReading reading;
    private final SiteSettling settling;
    private final ReadingPoint from;
    private final ConcurrentLinkedQueue<Stamp> stamps = new ConcurrentLinkedQueue<>();
    private @Nullable Stamp current;

    public SiteFlow(
            SiteSide side,
            TargetSession session,
            Checkpoint start,
            InstantSource clock,
            SiteObserver observer) {
        this.side = side;
        this.clock = clock;
        SiteSession site =
                session.site()
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
                        () ->
                                new ReadingPoint(
                                        Objects.requireNonNull(start.position()),
                                        HybridTimestamp.ZERO,
                                        ""));
        here = side.here().get();
        fence = new Fence(side.target(), here.probe(side.other()));
        reading = new SourceReading(side.source(), kept.orElse(null), System::nanoTime);
        settling =
                new SiteSettling(
                        site,
                        side.target(),
                        fence,
                        new RowVerdicts(
                                site,
                                new SettledRows(session),
                                here,
                                side.target(),
                                side.policies()),
                        reading,
                        observer);
    }

    /** From where the log is read: what the checkpoint covers is heard again, and not applied. */
    public SourcePosition from() {
        return from.position();
    }

    public Settling settling() {
        return settling;
    }

    /** What stands before the buffer; the other direction may wait for what it hears. */
    public ChangeSource.Receiver before(PieceBuffer buffer) {
        side.source().begin(from, buffer::stretch);
        if (side.copies()) {
            side.copied().countDown();
        }
        return new ChangeSource.Receiver() {

            @Override
            public void receive(TransactionPiece piece) throws InterruptedException {
                Optional<Stamp> stamp = side.source().hear(piece);
                if (stamp.isPresent()) {
                    if (piece.first()) {
                        stamps.add(stamp.get());
                    }
                    buffer.receive(piece);
                }
            }

            @Override
            public void failed(ConnectorException cause) {
                buffer.failed(cause);
            }
        };
    }

    /** Notes a piece from the buffer, in the target's names, before it is applied. */
    public void taken(TransactionPiece piece) {
        if (piece.first()) {
            current = Objects.requireNonNull(stamps.poll());
        }
        Stamp stamp = Objects.requireNonNull(current);
        requireTrueClock(stamp);
        settling.note(piece, stamp);
    }

    /** Else a site whose clock is wrong would win for as long as it is. */
    private void requireTrueClock(Stamp stamp) {
        long ahead = stamp.version().at().micros() / 1000 - clock.instant().toEpochMilli();
        if (ahead > side.maxSkew().toMillis()) {
            throw new ConnectorException(
                    ErrorClass.RETRY,
                    "A change of %s is %d ms ahead of this machine's clock, more than maxClockSkew: set the clocks right."
                            .formatted(side.source().site(), ahead));
        }
    }

    /** What the source may let go of its log up to; null for nothing yet. */
    public @Nullable SourcePosition acknowledged() {
        return reading.acknowledged();
    }

    @Override
    public void close() {
        side.source().end();
        try {
            fence.close();
        } finally {
            here.close();
        }
    }
}
