package io.sluice.connectors.spi;

import io.sluice.change.SourcePosition;
import java.util.List;
import java.util.Optional;

/**
 * One consistent moment of a source, which lasts until it is closed. Thread-safe: up to {@link
 * #readers} reads run at once, more wait for their turn.
 */
public interface SnapshotReader extends AutoCloseable {

    /** The position of the moment: the log from here on is exactly what the snapshot lacks. */
    SourcePosition position();

    /** How many reads can run at once. */
    int readers();

    /**
     * Where the source keeps a table's rows now; another text when they may have moved from one
     * range to another without a change in the log.
     */
    String layout(TableDefinition table);

    /**
     * Cuts a table into parts that together hold each of its rows once, now and after any changes
     * of rows, as long as the layout stays the same.
     *
     * @param chunkBytes how large a part is meant to be, by the source's statistics
     */
    Cut cut(TableDefinition table, long chunkBytes);

    /**
     * Reads a part of a table, blocking until it is through.
     *
     * @param columns names, in the order in which their values are wanted
     * @param range one of {@link #cut}, of this snapshot or of an earlier one
     * @return how many rows were read
     * @throws ConnectorException if the source fails; what the receiver throws is passed on
     */
    long read(
            TableDefinition table,
            List<String> columns,
            String range,
            CopyFormat format,
            Receiver receiver);

    /**
     * What the source, as one of several sites, keeps beside its rows as of the moment; empty where
     * it is not read as one.
     */
    default Optional<SiteSnapshot> site() {
        return Optional.empty();
    }

    /**
     * @param layout as of {@link SnapshotReader#layout}
     * @param ranges at least one
     */
    record Cut(String layout, List<String> ranges) {

        public Cut {
            ranges = List.copyOf(ranges);
            if (ranges.isEmpty()) {
                throw new IllegalArgumentException("a table has at least one part");
            }
        }
    }

    /** Takes the messages of a format; the array belongs to the receiver afterwards. */
    @FunctionalInterface
    interface Receiver {
        void take(byte[] message);
    }

    @Override
    void close();
}
