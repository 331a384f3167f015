package io.sluice.gateway.sites;

import io.sluice.change.TransactionPiece;
import io.sluice.connectors.spi.ChangeSource;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.gateway.capture.PieceBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.Queue;

/**
 * Stands between a site's log and the buffer; the other direction may wait for what it hears. Used
 * by the reading thread, but for {@link #hasGivenWay}.
 */
final class SiteReceiver implements ChangeSource.Receiver {

    /** How often it looks, while there is no room, whether it is to give way. */
    private static final Duration LOOK = Duration.ofMillis(100);

    private final LocalLog source;
    private final PieceBuffer buffer;
    private final Queue<Stamp> stamps;
    private final Standoff standoff;
    private volatile boolean givenWay;

    /**
     * @param stamps takes one for each transaction in the buffer, before it is there
     */
    SiteReceiver(LocalLog source, LocalLog target, PieceBuffer buffer, Queue<Stamp> stamps) {
        this.source = source;
        this.buffer = buffer;
        this.stamps = stamps;
        this.standoff = new Standoff(source, target);
    }

    @Override
    public void receive(TransactionPiece piece) throws InterruptedException {
        Optional<Stamp> stamp = source.hear(piece);
        if (stamp.isEmpty() || givenWay) {
            return;
        }
        if (piece.first()) {
            stamps.add(stamp.get());
        }
        while (!buffer.offer(piece, LOOK)) {
            if (standoff.isToGiveWay()) {
                givenWay = true;
                return;
            }
        }
        standoff.hasRoom();
    }

    /** Whether something that was heard is not in the buffer. */
    boolean hasGivenWay() {
        return givenWay;
    }

    @Override
    public void failed(ConnectorException cause) {
        buffer.failed(cause);
    }
}
