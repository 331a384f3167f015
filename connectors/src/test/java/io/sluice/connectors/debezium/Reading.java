package io.sluice.connectors.debezium;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.Alteration;
import io.sluice.change.Change;
import io.sluice.change.Lsn;
import io.sluice.change.TransactionEnd;
import io.sluice.change.TransactionPiece;
import io.sluice.connectors.spi.ChangeSource;
import io.sluice.connectors.spi.ConnectorException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What a source delivers, kept until a test asks for it. */
final class Reading implements ChangeSource.Receiver {

    private static final long PATIENCE_SECONDS = 90;

    final ChangeSource source;
    final BlockingQueue<TransactionPiece> pieces = new LinkedBlockingQueue<>();
    final CompletableFuture<ConnectorException> failure = new CompletableFuture<>();

    Reading(ChangeSource source) {
        this.source = source;
    }

    /** A transaction put together from its pieces. */
    record Whole(
            List<Change> changes, TransactionEnd end, int pieces, Optional<Alteration> alteration) {

        @SuppressWarnings("unchecked")
        <C extends Change> C only(Class<C> kind) {
            assertThat(changes).hasSize(1);
            assertThat(changes.getFirst()).isInstanceOf(kind);
            return (C) changes.getFirst();
        }

        Lsn position() {
            return (Lsn) end.position();
        }
    }

    @Override
    public void receive(TransactionPiece piece) {
        pieces.add(piece);
    }

    @Override
    public void failed(ConnectorException cause) {
        assertThat(failure.complete(cause)).as("failed is called once").isTrue();
    }

    TransactionPiece piece() {
        try {
            TransactionPiece piece = pieces.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (piece == null) {
                throw new AssertionError("no piece arrived", failure.getNow(null));
            }
            return piece;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    Whole transaction() {
        List<Change> changes = new ArrayList<>();
        Optional<Alteration> alteration = Optional.empty();
        int count = 0;
        while (true) {
            TransactionPiece piece = piece();
            assertThat(piece.first()).isEqualTo(count == 0);
            alteration = alteration.or(piece::alteration);
            count++;
            changes.addAll(piece.changes());
            if (piece.end().isPresent()) {
                TransactionEnd end = piece.end().get();
                assertThat(piece.commitTime()).isEqualTo(end.commitTime());
                return new Whole(changes, end, count, alteration);
            }
        }
    }

    ConnectorException failure() {
        try {
            return failure.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError("no failure was told", e);
        }
    }
}
