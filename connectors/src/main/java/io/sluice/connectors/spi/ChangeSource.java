package io.sluice.connectors.spi;

import io.sluice.change.SourcePosition;
import io.sluice.change.TransactionPiece;

/**
 * A running read of a source's log. It is started once, and closed once; whatever goes wrong ends
 * it, and the pipeline makes a fresh one from the checkpoint.
 */
public interface ChangeSource extends AutoCloseable {

    /**
     * Begins to deliver, on a thread of the source's own.
     *
     * @throws ConnectorException if reading cannot begin
     */
    void start(Receiver receiver);

    /**
     * Tells the source that the target has durably committed everything up to {@code position}, so
     * that it may let go of its log. Thread-safe, returns at once; the source hears of it soon
     * after.
     */
    void acknowledge(SourcePosition position);

    /** Ends delivery and waits for it, bounded to some ten seconds. Idempotent. */
    @Override
    void close();

    /** Who takes the pieces. Called by one thread at a time. */
    interface Receiver {

        /**
         * Takes the next piece. Blocks while there is no room, which holds the source back.
         *
         * @throws InterruptedException when delivery is being ended
         */
        void receive(TransactionPiece piece) throws InterruptedException;

        /** Delivery ended with an error; nothing more comes. Called at most once. */
        void failed(ConnectorException cause);
    }
}
