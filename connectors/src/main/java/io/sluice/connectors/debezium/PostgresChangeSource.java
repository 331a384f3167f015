package io.sluice.connectors.debezium;

import io.debezium.embedded.Connect;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.format.ChangeEventFormat;
import io.sluice.change.Lsn;
import io.sluice.change.SourcePosition;
import io.sluice.change.TransactionPiece;
import io.sluice.connectors.spi.ChangeSource;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the log of a PostgreSQL database through Debezium Embedded.
 *
 * <p>States: new, started, ended. {@link #start} moves to started; {@link #close}, a failure, or an
 * engine that stops move to ended, from any state, once. After that no piece is delivered.
 *
 * <p>Threads: {@code start} runs the engine on one of its own. The engine's polling thread decodes
 * and delivers; it is the only one that touches the decoder. {@code acknowledge} only sets a
 * position, which the polling thread passes on. {@code close} may come from anywhere.
 */
public final class PostgresChangeSource implements ChangeSource {

    private static final Logger log = LoggerFactory.getLogger(PostgresChangeSource.class);

    // Reading the catalog of tens of thousands of tables takes its time.
    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    // The server notices the end of an earlier reader when it next writes to it.
    private static final Duration SLOT_RELEASE = Duration.ofSeconds(5);
    private static final Duration ORDERLY_CLOSE = Duration.ofSeconds(6);
    private static final Duration CUT_CLOSE = Duration.ofSeconds(3);

    private final CaptureSession session;
    private final PostgresCaptureSettings settings;
    private final AtomicBoolean started = new AtomicBoolean();
    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicReference<@Nullable ConnectorException> failure = new AtomicReference<>();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile @Nullable DebeziumEngine<RecordChangeEvent<SourceRecord>> engine;
    private volatile @Nullable Thread deliverer;

    /**
     * @param from the checkpoint; transactions that it covers are not delivered
     */
    public PostgresChangeSource(PostgresCaptureSettings settings, Lsn from) {
        this.settings = settings;
        session = new CaptureSession(settings, from);
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
        if (!started.compareAndSet(false, true)) {
            throw new IllegalStateException("a change source is started once");
        }
        if (ended.get()) {
            throw closedWhileStarting();
        }
        checkSlot();
        RecordDecoder decoder =
                new RecordDecoder(
                        settings, session.from, session.commits, piece -> deliver(receiver, piece));
        DebeziumEngine<RecordChangeEvent<SourceRecord>> made =
                DebeziumEngine.create(ChangeEventFormat.of(Connect.class))
                        .using(configuration())
                        .using((recordsSinceLast, timeSinceLast) -> false)
                        .using(
                                (success, message, error) -> {
                                    fail(receiver, CaptureFailures.of(settings, error));
                                    stopped.countDown();
                                })
                        .notifying((events, committer) -> decode(receiver, decoder, events))
                        .build();
        engine = made;
        Thread runner = Thread.ofPlatform().name("capture " + settings.pipeline()).unstarted(made);
        runner.setDaemon(true);
        runner.start();
        awaitStreaming();
    }

    private void checkSlot() {
        try (Connection connection = session.connect(new Properties())) {
            long limit = System.nanoTime() + SLOT_RELEASE.toNanos();
            int reader = SlotCheck.reader(connection, settings, session.from);
            while (reader != SlotCheck.NOBODY && System.nanoTime() < limit && !ended.get()) {
                awaitStopped(Duration.ofMillis(50));
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

    private void awaitStreaming() {
        try {
            session.streaming.get(START_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            close();
            throw CaptureFailures.of(settings, e.getCause());
        } catch (TimeoutException e) {
            close();
            throw new ConnectorException(
                    ErrorClass.RETRY,
                    "%s: the server did not begin to stream from slot %s within %s"
                            .formatted(settings.pipeline(), settings.slot(), START_LIMIT),
                    e);
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw closedWhileStarting();
        }
        if (ended.get() && failure.get() == null) {
            throw closedWhileStarting();
        }
    }

    private ConnectorException closedWhileStarting() {
        return new ConnectorException(
                ErrorClass.RETRY, settings.pipeline() + ": the reader was closed while it started");
    }

    /** On the polling thread. Whatever escapes from here ends the engine. */
    private void decode(
            Receiver receiver, RecordDecoder decoder, List<RecordChangeEvent<SourceRecord>> events)
            throws InterruptedException {
        deliverer = Thread.currentThread();
        try {
            for (RecordChangeEvent<SourceRecord> event : events) {
                if (ended.get()) {
                    return;
                }
                decoder.decode(event.record());
            }
        } catch (RuntimeException e) {
            fail(receiver, CaptureFailures.of(settings, e));
            // Not the exception itself: one of Kafka's retriable kind would make Debezium go on
            // with the next batch.
            throw new ConnectException("decoding failed", e);
        } finally {
            deliverer = null;
        }
    }

    private void deliver(Receiver receiver, TransactionPiece piece) throws InterruptedException {
        if (!ended.get()) {
            receiver.receive(piece);
        }
    }

    private void fail(Receiver receiver, ConnectorException cause) {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        failure.set(cause);
        // If streaming had not begun, start() throws it and the receiver hears nothing.
        if (!session.streaming.completeExceptionally(cause)) {
            receiver.failed(cause);
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
        ended.set(true);
        session.streaming.completeExceptionally(closedWhileStarting());
        DebeziumEngine<RecordChangeEvent<SourceRecord>> running = engine;
        if (running == null) {
            session.cut();
            session.end();
            return;
        }
        Thread closer =
                Thread.ofPlatform()
                        .name("close capture " + settings.pipeline())
                        .unstarted(() -> stop(running));
        closer.setDaemon(true);
        closer.start();
        // The deliverer cannot wait for its own end.
        if (Thread.currentThread() == deliverer) {
            return;
        }
        awaitStop();
    }

    private void awaitStop() {
        boolean interrupted = false;
        long deadline = System.nanoTime() + ORDERLY_CLOSE.plus(CUT_CLOSE).plusSeconds(1).toNanos();
        while (true) {
            try {
                if (!stopped.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                    log.warn(
                            "{}: the reader of slot {} does not end; it is left to itself, cut off",
                            settings.pipeline(),
                            settings.slot());
                }
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Asks the engine to end, which it refuses while it starts, and cuts its connections if not.
     */
    private void stop(DebeziumEngine<RecordChangeEvent<SourceRecord>> running) {
        try {
            long cutAt = System.nanoTime() + ORDERLY_CLOSE.toNanos();
            Thread cutter =
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        if (!awaitStopped(ORDERLY_CLOSE)) {
                                            session.cut();
                                        }
                                    });
            while (stopped.getCount() > 0 && System.nanoTime() < cutAt + CUT_CLOSE.toNanos()) {
                try {
                    running.close();
                    break;
                } catch (IllegalStateException e) {
                    // It starts, or it ends already.
                    awaitStopped(Duration.ofMillis(50));
                } catch (IOException e) {
                    log.debug("{}: closing the engine", settings.pipeline(), e);
                    break;
                }
            }
            awaitStopped(Duration.ofNanos(cutAt + CUT_CLOSE.toNanos() - System.nanoTime()));
            cutter.interrupt();
        } finally {
            session.cut();
            session.end();
        }
    }

    private boolean awaitStopped(Duration limit) {
        try {
            return stopped.await(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private Properties configuration() {
        return EngineConfiguration.of(session);
    }
}
