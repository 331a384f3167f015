package io.sluice.connectors.debezium;

import io.sluice.change.BinlogPosition;
import io.sluice.change.SourcePosition;
import io.sluice.change.TransactionPiece;
import io.sluice.connectors.spi.ChangeSource;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Reads the binary log of a MySQL server through Debezium Embedded.
 *
 * <p>States and threads are those of its {@link EngineRun}. The pieces are made on the thread that
 * reads the log ({@link BinlogReader}), pass through Debezium's queue, and are delivered on the
 * engine's polling thread.
 */
public final class MySqlChangeSource implements ChangeSource {

    private final MySqlCaptureSession session;
    private final EngineRun run;

    /**
     * @param from the checkpoint; transactions that it covers are not delivered. Whether it has
     *     GTIDs says whether the log is followed by them
     */
    public MySqlChangeSource(MySqlCaptureSettings settings, BinlogPosition from) {
        session = new MySqlCaptureSession(settings, from);
        run =
                new EngineRun(
                        settings.pipeline(),
                        "%s:%d".formatted(settings.host(), settings.port()),
                        session,
                        error -> MySqlCaptureFailures.of(session, error));
    }

    /**
     * {@inheritDoc}
     *
     * <p>Returns once the server streams.
     *
     * @throws io.sluice.connectors.spi.LogGapException if the server's log does not reach back to
     *     the checkpoint
     */
    @Override
    public void start(Receiver receiver) {
        run.begin();
        run.stream(
                receiver,
                MySqlEngineConfiguration.of(session),
                event -> run.deliver(receiver, pieceOf(event)));
        if (session.probe != null) {
            run.prove(session.probe);
        }
    }

    private static TransactionPiece pieceOf(SourceRecord event) {
        if (event.value() instanceof TransactionPiece piece) {
            return piece;
        }
        throw new IllegalStateException("a record of an unknown kind");
    }

    /** The server is told nothing: it keeps its log by its own rules. */
    @Override
    public void acknowledge(SourcePosition position) {
        if (!(position instanceof BinlogPosition)) {
            throw new IllegalArgumentException("not a position of MySQL: " + position.text());
        }
    }

    @Override
    public void close() {
        run.close();
    }
}
