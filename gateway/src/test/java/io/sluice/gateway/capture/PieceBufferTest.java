package io.sluice.gateway.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.change.Change;
import io.sluice.change.Column;
import io.sluice.change.LogicalType;
import io.sluice.change.Row;
import io.sluice.change.RowChange.Insert;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.change.TransactionPiece;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class PieceBufferTest {

    private static final TableSchema TABLE =
            new TableSchema(
                    new TableId("public", "t"),
                    List.of(new Column("id", LogicalType.TEXT)),
                    List.of(0));

    private final List<TransactionPiece> told = new ArrayList<>();
    private final PieceBuffer buffer = new PieceBuffer(10, 1 << 20, told::add);

    @Test
    void piecesComeOutInTheOrderInWhichTheyWentIn() throws InterruptedException {
        buffer.receive(piece(3));
        buffer.receive(piece(4));
        assertThat(buffer.fill().rows()).isEqualTo(7);
        assertThat(buffer.poll(Duration.ZERO).changes()).hasSize(3);
        assertThat(buffer.poll(Duration.ZERO).changes()).hasSize(4);
        assertThat(buffer.poll(Duration.ofMillis(1))).isNull();
        assertThat(buffer.fill()).isEqualTo(new PieceBuffer.Fill(0, 0));
        assertThat(told).hasSize(2);
    }

    @Test
    void aFullBufferHoldsTheWriterBackUntilThereIsRoom() throws Exception {
        buffer.receive(piece(8));
        Thread writer = writer(piece(5));
        await().until(() -> writer.getState() == Thread.State.WAITING);
        assertThat(buffer.fill().rows()).isEqualTo(8);
        buffer.poll(Duration.ZERO);
        writer.join(5000);
        assertThat(buffer.fill().rows()).isEqualTo(5);
    }

    @Test
    void bytesBoundItToo() throws Exception {
        PieceBuffer small = new PieceBuffer(1000, 1000, piece -> {});
        small.receive(piece(5));
        Thread writer = Thread.ofPlatform().start(() -> receive(small, piece(50)));
        await().until(() -> writer.getState() == Thread.State.WAITING);
        small.poll(Duration.ZERO);
        writer.join(5000);
        assertThat(small.fill().rows()).as("a piece larger than the bound").isEqualTo(50);
    }

    @Test
    void whatCameBeforeAFailureIsHandedOutBeforeIt() throws InterruptedException {
        buffer.receive(piece(1));
        buffer.failed(new ConnectorException(ErrorClass.RETRY, "gone"));
        assertThat(buffer.poll(Duration.ZERO)).isNotNull();
        assertThatThrownBy(() -> buffer.poll(Duration.ZERO)).hasMessage("gone");
    }

    @Test
    void closingLetsAWaitingWriterGo() throws Exception {
        buffer.receive(piece(10));
        AtomicBoolean interrupted = new AtomicBoolean();
        Thread writer =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    try {
                                        buffer.receive(piece(1));
                                    } catch (InterruptedException e) {
                                        interrupted.set(true);
                                    }
                                });
        await().until(() -> writer.getState() == Thread.State.WAITING);
        buffer.close();
        writer.join(5000);
        assertThat(interrupted).isTrue();
        assertThat(told).as("what was not let in").hasSize(1);
    }

    private Thread writer(TransactionPiece piece) {
        return Thread.ofPlatform().start(() -> receive(buffer, piece));
    }

    private static void receive(PieceBuffer buffer, TransactionPiece piece) {
        try {
            buffer.receive(piece);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static TransactionPiece piece(int rows) {
        List<Change> changes = Collections.nCopies(rows, new Insert(TABLE, Row.of("value")));
        return new TransactionPiece(true, Instant.EPOCH, changes, Optional.empty());
    }
}
