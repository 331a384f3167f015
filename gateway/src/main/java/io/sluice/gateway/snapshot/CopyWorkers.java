package io.sluice.gateway.snapshot;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.CopyFormat;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.SnapshotReader;
import io.sluice.connectors.spi.SourceDatabase;
import io.sluice.connectors.spi.TableCopy;
import io.sluice.connectors.spi.TargetDatabase;
import io.sluice.connectors.spi.TargetSession;
import io.sluice.gateway.apply.Parking;
import io.sluice.gateway.failpoint.Failpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * Copies parts, several at once. Each worker takes the next part when it has one done, reads it
 * over one connection and writes it over another, in one transaction with the mark that it is
 * there. The first failure ends the snapshot, and with it the work of all.
 */
final class CopyWorkers {

    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

    private final SourceDatabase source;
    private final TargetDatabase target;
    private final CopySettings settings;
    private final CopyMonitor monitor;
    private final Checkpoint copying;
    private final CopyThrottle throttle;
    private final Parking parking;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    CopyWorkers(
            SourceDatabase source,
            TargetDatabase target,
            CopySettings settings,
            CopyMonitor monitor,
            Checkpoint copying,
            Parking parking) {
        this.source = source;
        this.target = target;
        this.settings = settings;
        this.monitor = monitor;
        this.copying = copying;
        this.parking = parking;
        throttle =
                new CopyThrottle(
                        settings.workers(),
                        settings.maxBytesPerSecond(),
                        () -> failure.get() != null || monitor.isStopping());
    }

    /**
     * Returns when all parts are there.
     *
     * @throws CancellationException if the copy was told to stop
     * @throws ConnectorException the first failure of a worker
     */
    void copy(SnapshotReader snapshot, List<CopyPart> parts) {
        LagWatch watch =
                LagWatch.start(
                        copying.pipeline(),
                        source,
                        settings.pauseWhenSourceLagExceeds(),
                        throttle,
                        monitor);
        try {
            copyAll(snapshot, parts);
        } finally {
            if (watch != null) {
                watch.close();
            }
        }
    }

    private void copyAll(SnapshotReader snapshot, List<CopyPart> parts) {
        Queue<CopyPart> queue = new ConcurrentLinkedQueue<>(parts);
        int workers = Math.min(parts.size(), Math.min(settings.workers(), snapshot.readers()));
        List<Thread> threads = new ArrayList<>();
        for (int n = 0; n < workers; n++) {
            threads.add(
                    Thread.ofVirtual()
                            .name("copy %s #%d".formatted(copying.pipeline(), n))
                            .start(() -> work(snapshot, queue)));
        }
        try {
            for (Thread thread : threads) {
                while (!thread.join(LOOK_AGAIN)) {
                    if (failure.get() != null || monitor.isStopping()) {
                        snapshot.close(); // wakes those who wait for the source
                    }
                }
            }
        } catch (InterruptedException e) {
            snapshot.close();
            Thread.currentThread().interrupt();
            throw new CancellationException("the copy was told to stop");
        }
        rethrow();
        if (!queue.isEmpty()) {
            throw new CancellationException(
                    "the copy was told to stop"); // and does not know it now
        }
    }

    private void rethrow() {
        if (monitor.isStopping()) {
            throw new CancellationException("the copy was told to stop");
        }
        switch (failure.get()) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case Throwable e -> throw new IllegalStateException(e);
        }
    }

    private void work(SnapshotReader snapshot, Queue<CopyPart> queue) {
        MDC.put("pipeline", copying.pipeline());
        try (TargetSession session = target.session(copying, settings.statementTimeout())) {
            while (throttle.enter(queue::isEmpty)) {
                try {
                    CopyPart part = queue.poll();
                    if (part != null) {
                        copy(snapshot, session, part);
                    }
                } finally {
                    throttle.leave();
                }
            }
        } catch (Throwable e) {
            // What comes after the first is what the end of the snapshot did to the others.
            failure.compareAndSet(null, e);
        }
    }

    private void copy(SnapshotReader snapshot, TargetSession session, CopyPart part) {
        CopyPart.Table table = part.table();
        try {
            write(snapshot, session, part, table.format(), false);
        } catch (ConnectorException e) {
            boolean again = readsOn(table) || table.format() != CopyFormat.TEXT;
            if (e.errorClass() != ErrorClass.ROW || !again) {
                throw e;
            }
            session.rollback();
            copyAgain(snapshot, session, part);
        }
        session.commit(copying);
        monitor.chunkDone(monitor.table(table.source().table()));
        Failpoint.CHUNK_COPIED.reached();
        if (table.partDone()) {
            monitor.tableDone();
            Failpoint.TABLE_COPIED.reached();
        }
    }

    /** Whether what is refused can be gone around, so that the part is to be read again. */
    private boolean readsOn(CopyPart.Table table) {
        return table.isBegun() || parking.takes(table.target());
    }

    /**
     * What was refused is tried as text, which names the row; in place of others, if there are; or
     * around rows that are put aside.
     */
    private void copyAgain(SnapshotReader snapshot, TargetSession session, CopyPart part) {
        boolean inserts = readsOn(part.table());
        try {
            write(snapshot, session, part, CopyFormat.TEXT, inserts);
        } catch (ConnectorException e) {
            boolean joins = parking.takes(part.table().target()) || !part.table().isBegun();
            throw e.errorClass() == ErrorClass.ROW && !joins
                    ? begunAnew(session, part.table().target().table(), e)
                    : e;
        }
    }

    /**
     * @param inserts for rows that stand under the same unique keys, or that are put aside
     */
    private void write(
            SnapshotReader snapshot,
            TargetSession session,
            CopyPart part,
            CopyFormat format,
            boolean inserts) {
        CopyPart.Table table = part.table();
        TableRows counted = monitor.table(table.source().table());
        long[] messages = {0};
        boolean[] finishing = {false};
        AtomicReference<@Nullable ConnectorException> refusal = new AtomicReference<>();
        RoomMaking inserting =
                inserts ? new RoomMaking(session, table, snapshot.position(), parking) : null;
        try (TargetSession.CopyWriter writer =
                throttle.held(
                        inserting == null ? session.copyInto(table.target(), format) : inserting)) {
            long read =
                    snapshot.read(
                            table.source(),
                            table.columns(),
                            part.chunk().range(),
                            format,
                            message -> {
                                if (failure.get() != null) {
                                    throw new CancellationException("another part failed");
                                }
                                monitor.row(counted, message.length);
                                messages[0]++;
                                if (refusal.get() == null) {
                                    write(writer, message, table, refusal);
                                }
                            });
            finishing[0] = true;
            if (refusal.get() != null) {
                throw refusal.get();
            }
            long written = writer.finish();
            monitor.counted(counted, messages[0], read);
            long parked = inserting == null ? 0 : inserting.parked();
            if (written + parked != read) {
                throw new ConnectorException(
                        ErrorClass.FATAL,
                        "The copy of %s read %d rows and the target took %d."
                                .formatted(table.source().table(), read, written));
            }
            session.markDone(
                    table.target().table(),
                    new TableCopy.Chunk(
                            part.chunk().number(),
                            part.chunk().range(),
                            snapshot.position(),
                            written));
        } catch (ConnectorException e) {
            monitor.counted(counted, messages[0], 0);
            // Refusals of the target were kept till the end, so this is a row that the source
            // cannot say, and the snapshot has ended with it: there is nothing to go around.
            boolean unread = e.errorClass() == ErrorClass.ROW && e != refusal.get();
            throw unread && !finishing[0] && parking.takes(table.target())
                    ? new ConnectorException(ErrorClass.FATAL, String.valueOf(e.getMessage()), e)
                    : e;
        }
    }

    /** A read that is broken off may end the snapshot, so a part that is tried again is read on. */
    private void write(
            TargetSession.CopyWriter writer,
            byte[] message,
            CopyPart.Table table,
            AtomicReference<@Nullable ConnectorException> refusal) {
        try {
            writer.write(message);
        } catch (ConnectorException e) {
            if (e.errorClass() != ErrorClass.ROW || !readsOn(table)) {
                throw e;
            }
            refusal.set(e);
        }
    }

    /** What cannot be joined is copied in one moment. */
    private ConnectorException begunAnew(
            TargetSession session, TableId table, ConnectorException refused) {
        session.rollback();
        session.saveCopy(TableCopy.unplanned(table));
        session.commit(copying);
        return new ConnectorException(
                ErrorClass.RETRY,
                "The copy of %s begins anew, for parts of two moments do not fit together: %s"
                        .formatted(table, refused.getMessage()),
                refused);
    }
}
