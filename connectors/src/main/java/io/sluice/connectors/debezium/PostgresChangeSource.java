package io.sluice.connectors.debezium;

import io.sluice.change.Lsn;
import io.sluice.change.SourcePosition;
import io.sluice.connectors.spi.ChangeSource;
import io.sluice.connectors.spi.ConnectorException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;

/**
 * Reads the log of a PostgreSQL database through Debezium Embedded.
 *
 * <p>States and threads are those of its {@link EngineRun}. {@code acknowledge} only sets a
 * position, which the polling thread passes on.
 */
public final class PostgresChangeSource implements ChangeSource {

    // The server notices the end of an earlier reader when it next writes to it.
    private static final Duration SLOT_RELEASE = Duration.ofSeconds(5);

    private final CaptureSession session;
    private final PostgresCaptureSettings settings;
    private final EngineRun run;

    /**
     * @param from the checkpoint; transactions that it covers are not delivered
     */
    public PostgresChangeSource(PostgresCaptureSettings settings, Lsn from) {
        this.settings = settings;
        session = new CaptureSession(settings, from);
        run =
                new EngineRun(
                        settings.pipeline(),
                        "slot " + settings.slot(),
                        session,
                        error -> CaptureFailures.of(settings, error));
    }

    /**
     * {@inheritDoc}
     *
     * <p>Returns once the server streams.
     *
     * @throws io.sluice.connectors.spi.LogGapException if the slot cannot tell everything from the
     *     checkpoint on
     */
    @Override
    public void start(Receiver receiver) {
        run.begin();
        checkSlot();
        RecordDecoder decoder =
                new RecordDecoder(
                        settings,
                        session.from,
                        session.commits,
                        piece -> run.deliver(receiver, piece));
        run.stream(receiver, EngineConfiguration.of(session), decoder::decode);
        if (session.probe != null) {
            run.prove(session.probe);
        }
    }

    private void checkSlot() {
        try (Connection connection = session.connect(new Properties())) {
            long limit = System.nanoTime() + SLOT_RELEASE.toNanos();
            int reader = SlotCheck.reader(connection, settings, session.from);
            while (reader != SlotCheck.NOBODY && System.nanoTime() < limit && !run.hasEnded()) {
                run.awaitStopped(Duration.ofMillis(50));
                reader = SlotCheck.reader(connection, settings, session.from);
            }
            if (reader != SlotCheck.NOBODY) {
                throw SlotCheck.taken(settings, reader);
            }
        } catch (SQLException e) {
            close();
            throw CaptureFailures.of(settings, e);
        } catch (ConnectorException e) {
            close();
            throw e;
        }
    }

    @Override
    public void acknowledge(SourcePosition position) {
        if (!(position instanceof Lsn lsn)) {
            throw new IllegalArgumentException("not a position of PostgreSQL: " + position.text());
        }
        session.acknowledged.accumulateAndGet(
                lsn, (known, now) -> now.compareTo(known) > 0 ? now : known);
    }

    @Override
    public void close() {
        run.close();
    }
}
