package io.sluice.connectors.spi;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.Change;
import io.sluice.change.TransactionEnd;
import io.sluice.change.TransactionPiece;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What a source of changes delivers, as whole transactions. */
public final class Arrivals implements ChangeSource.Receiver {

    private static final long PATIENCE_SECONDS = 60;

    private final BlockingQueue<TransactionPiece> pieces = new LinkedBlockingQueue<>();
    private final CompletableFuture<ConnectorException> failure = new CompletableFuture<>();

    /** A transaction, and of how many pieces it was. */
    public record Whole(List<Change> changes, TransactionEnd end, int pieces) {

        boolean tells() {
            return !changes.isEmpty() || end.applied().isPresent();
        }
    }

    @Override
    public void receive(TransactionPiece piece) {
        pieces.add(piece);
    }

    @Override
    public void failed(ConnectorException cause) {
        failure.complete(cause);
    }

    public ConnectorException failure() {
        try {
            return failure.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError("no failure was told", e);
        }
    }

    /** The next transaction that has changes or a mark. */
    public Whole next() {
        Whole whole = any();
        while (!whole.tells()) {
            whole = any();
        }
        return whole;
    }

    private Whole any() {
        List<Change> changes = new ArrayList<>();
        for (int count = 1; ; count++) {
            TransactionPiece piece = piece();
            assertThat(piece.first()).isEqualTo(count == 1);
            changes.addAll(piece.changes());
            if (piece.end().isPresent()) {
                return new Whole(changes, piece.end().get(), count);
            }
        }
    }

    private TransactionPiece piece() {
        try {
            TransactionPiece piece = pieces.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (piece == null) {
                throw new AssertionError("nothing arrived", failure.getNow(null));
            }
            return piece;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
