package io.sluice.connectors.debezium;

import io.debezium.embedded.Connect;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.format.ChangeEventFormat;
import io.sluice.change.TransactionPiece;
import io.sluice.connectors.spi.ChangeSource.Receiver;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of a Debezium engine, from its start to its certain end.
 *
 * <p>States: new, started, ended. {@link #begin} moves to started; {@link #close}, a failure, or an
 * engine that stops move to ended, from any state, once. After that no piece is delivered.
 *
 * <p>Threads: the engine runs on one of its own. Its polling thread decodes and delivers; it is the
 * only one that touches the decoder. {@code close} may come from anywhere.
 */
final class EngineRun {

    private static final Logger log = LoggerFactory.getLogger(EngineRun.class);

    // Reading the catalog of tens of thousands of tables takes its time.
    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    // Behind a log that is read at its end. One that is far behind proves itself on the way.
    private static final Duration PROOF_LIMIT = Duration.ofSeconds(10);
    private static final Duration ORDERLY_CLOSE = Duration.ofSeconds(6);
    private static final Duration CUT_CLOSE = Duration.ofSeconds(3);

    private final String pipeline;
    private final String place;
    private final EngineSession session;
    private final Function<@Nullable Throwable, ConnectorException> failures;
    private final AtomicBoolean started = new AtomicBoolean();
    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicReference<@Nullable ConnectorException> failure = new AtomicReference<>();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile @Nullable DebeziumEngine<RecordChangeEvent<SourceRecord>> engine;
    private volatile @Nullable Thread deliverer;
    private volatile boolean delivered;

    /** Makes pieces of records. */
    interface Decoder {
        void decode(SourceRecord event) throws InterruptedException;
    }

    /**
     * @param place what is read from, for messages
     * @param failures from what ended the engine to what is told
     */
    EngineRun(
            String pipeline,
            String place,
            EngineSession session,
            Function<@Nullable Throwable, ConnectorException> failures) {
        this.pipeline = pipeline;
        this.place = place;
        this.session = session;
        this.failures = failures;
    }

    /** The first step of a start, before anything is asked of the source. */
    void begin() {
        if (!started.compareAndSet(false, true)) {
            throw new IllegalStateException("a change source is started once");
        }
        if (ended.get()) {
            throw closedWhileStarting();
        }
    }

    /** Starts the engine; returns once the server streams. */
    void stream(Receiver receiver, Properties configuration, Decoder decoder) {
        DebeziumEngine<RecordChangeEvent<SourceRecord>> made =
                DebeziumEngine.create(ChangeEventFormat.of(Connect.class))
                        .using(configuration)
                        .using((recordsSinceLast, timeSinceLast) -> false)
                        .using(
                                (success, message, error) -> {
                                    fail(receiver, failures.apply(error));
                                    stopped.countDown();
                                })
                        .notifying((events, committer) -> decode(receiver, decoder, events))
                        .build();
        engine = made;
        Thread runner = Thread.ofPlatform().name("capture " + pipeline).unstarted(made);
        runner.setDaemon(true);
        runner.start();
        awaitStreaming();
    }

    /**
     * Waits for the probe while it may be near; the reading itself ends where it does not come.
     * What comes before it may be more than the receiver holds until the start has returned.
     */
    void prove(LoopProbe probe) {
        try {
            probe.write();
            long limit = System.nanoTime() + PROOF_LIMIT.toNanos();
            do {
                stopped.await(20, TimeUnit.MILLISECONDS);
            } while (!probe.isProven() && !delivered && !ended.get() && System.nanoTime() < limit);
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw closedWhileStarting();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
        if (ended.get() && failure.get() == null) {
            throw closedWhileStarting();
        }
        if (!probe.isProven() && !ended.get()) {
            log.info("{}: the log is read from further back than the loop probe", pipeline);
        }
    }

    boolean hasEnded() {
        return ended.get();
    }

    void deliver(Receiver receiver, TransactionPiece piece) throws InterruptedException {
        if (!ended.get()) {
            delivered = true;
            receiver.receive(piece);
        }
    }

    private void awaitStreaming() {
        try {
            session.streaming().get(START_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            close();
            throw failures.apply(e.getCause());
        } catch (TimeoutException e) {
            close();
            throw new ConnectorException(
                    ErrorClass.RETRY,
                    "%s: the server did not begin to stream from %s within %s"
                            .formatted(pipeline, place, START_LIMIT),
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
                ErrorClass.RETRY, pipeline + ": the reader was closed while it started");
    }

    /** On the polling thread. Whatever escapes from here ends the engine. */
    private void decode(
            Receiver receiver, Decoder decoder, List<RecordChangeEvent<SourceRecord>> events)
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
            fail(receiver, failures.apply(e));
            // Not the exception itself: one of Kafka's retriable kind would make Debezium go on
            // with the next batch.
            throw new ConnectException("decoding failed", e);
        } finally {
            deliverer = null;
        }
    }

    private void fail(Receiver receiver, ConnectorException cause) {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        failure.set(cause);
        session.ending();
        // If streaming had not begun, the start throws it and the receiver hears nothing.
        if (!session.streaming().completeExceptionally(cause)) {
            receiver.failed(cause);
        }
    }

    void close() {
        ended.set(true);
        session.ending();
        session.streaming().completeExceptionally(closedWhileStarting());
        DebeziumEngine<RecordChangeEvent<SourceRecord>> running = engine;
        if (running == null) {
            session.cut();
            session.end();
            return;
        }
        Thread closer =
                Thread.ofPlatform()
                        .name("close capture " + pipeline)
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
                            "{}: the reader of {} does not end; it is left to itself, cut off",
                            pipeline,
                            place);
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
                    log.debug("{}: closing the engine", pipeline, e);
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

    /** Whether the engine has ended within the limit. */
    boolean awaitStopped(Duration limit) {
        try {
            return stopped.await(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
