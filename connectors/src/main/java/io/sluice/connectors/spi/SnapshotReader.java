package io.sluice.connectors.spi;

import io.sluice.change.SourcePosition;
import java.util.List;

/**
 * One consistent moment of a source, which lasts until it is closed. Thread-safe: each read has a
 * connection of its own.
 */
public interface SnapshotReader extends AutoCloseable {

    /** The position of the moment: the log from here on is exactly what the snapshot lacks. */
    SourcePosition position();

    /**
     * Reads a table, blocking until it is through. Rows arrive as lines of PostgreSQL's {@code
     * COPY} text format: tab-separated, {@code \N} for null, newline included.
     *
     * @param columns names, in the order in which their values are wanted
     * @throws ConnectorException if the source fails; what the receiver throws is passed on
     */
    void read(TableDefinition table, List<String> columns, LineReceiver receiver);

    /** Takes lines; the array belongs to the receiver afterwards. */
    @FunctionalInterface
    interface LineReceiver {
        void line(byte[] line);
    }

    @Override
    void close();
}
