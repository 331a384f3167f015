package io.sluice.gateway.capture;

import io.sluice.change.TransactionPiece;
import io.sluice.connectors.spi.ChangeSource;
import io.sluice.connectors.spi.ConnectorException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue of pieces with one writer and one reader. A piece larger than the bounds is let
 * in when the buffer is empty. What was received before a failure is handed out before the failure
 * is.
 *
 * <p>One buffer serves one {@link ChangeSource}; a fresh source gets a fresh buffer.
 */
public final class PieceBuffer implements ChangeSource.Receiver {

    /** How many times its bounds a stretched buffer takes. */
    private static final int STRETCH = 8;

    private final long maxRows;
    private final long maxBytes;
    private final Consumer<TransactionPiece> onReceived;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // All guarded by lock.
    private final ArrayDeque<TransactionPiece> pieces = new ArrayDeque<>();
    private long rows;
    private long bytes;
    private boolean closed;
    private boolean stretched;
    private @Nullable ConnectorException failure;

    /**
     * @param onReceived told of each piece before it is handed out; must be quick
     */
    public PieceBuffer(long maxRows, long maxBytes, Consumer<TransactionPiece> onReceived) {
        this.maxRows = maxRows;
        this.maxBytes = maxBytes;
        this.onReceived = onReceived;
    }

    @Override
    public void receive(TransactionPiece piece) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed && !hasRoomFor(piece)) {
                changed.await();
            }
            add(piece);
        } finally {
            lock.unlock();
        }
    }

    /**
     * As {@link #receive}, but waits no longer than this; false where there was no room by then.
     */
    public boolean offer(TransactionPiece piece, Duration timeout) throws InterruptedException {
        long nanos = timeout.toNanos();
        lock.lockInterruptibly();
        try {
            while (!closed && !hasRoomFor(piece)) {
                if (nanos <= 0) {
                    return false;
                }
                nanos = changed.awaitNanos(nanos);
            }
            add(piece);
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void add(TransactionPiece piece) throws InterruptedException {
        if (closed) {
            throw new InterruptedException("the reader of this buffer has gone");
        }
        onReceived.accept(piece);
        pieces.add(piece);
        rows += piece.changes().size();
        bytes += piece.sizeInBytes();
        changed.signalAll();
    }

    private boolean hasRoomFor(TransactionPiece piece) {
        int times = stretched ? STRETCH : 1;
        return pieces.isEmpty()
                || (rows + piece.changes().size() <= maxRows * times
                        && bytes + piece.sizeInBytes() <= maxBytes * times);
    }

    /**
     * Lets more in than the bounds allow, or ends that. Somebody waits for what comes after that
     * who must not wait for those who take from here.
     */
    public void stretch(boolean wanted) {
        lock.lock();
        try {
            stretched = wanted;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void failed(ConnectorException cause) {
        lock.lock();
        try {
            failure = cause;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * The next piece, or null if none came in time.
     *
     * @throws ConnectorException what the source failed with, once all before it was handed out
     */
    public @Nullable TransactionPiece poll(Duration timeout) throws InterruptedException {
        long nanos = timeout.toNanos();
        lock.lockInterruptibly();
        try {
            while (pieces.isEmpty() && failure == null && nanos > 0) {
                nanos = changed.awaitNanos(nanos);
            }
            TransactionPiece piece = pieces.poll();
            if (piece == null) {
                if (failure != null) {
                    throw failure;
                }
                return null;
            }
            rows -= piece.changes().size();
            bytes -= piece.sizeInBytes();
            changed.signalAll();
            return piece;
        } finally {
            lock.unlock();
        }
    }

    /** Lets a waiting writer go; nothing is received any more. */
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Forgets what waits to be applied. */
    public void clear() {
        lock.lock();
        try {
            pieces.clear();
            rows = 0;
            bytes = 0;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** How full the buffer is. */
    public Fill fill() {
        lock.lock();
        try {
            return new Fill(rows, bytes);
        } finally {
            lock.unlock();
        }
    }

    /** Rows and bytes that wait to be applied. */
    public record Fill(long rows, long bytes) {}
}
