package io.sluice.connectors.debezium;

import com.github.luben.zstd.ZstdInputStream;
import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.TransactionPayloadEventData;
import com.github.shyiko.mysql.binlog.event.deserialization.EventDeserializer;
import com.github.shyiko.mysql.binlog.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** The events of a compressed transaction, unpacked one by one. Used by one thread. */
final class BinlogPayload implements AutoCloseable {

    private static final int ZSTD = 0;

    private final EventDeserializer events = BinlogEvents.uncompressed();
    private final ByteArrayInputStream unpacked;

    BinlogPayload(TransactionPayloadEventData data) {
        try {
            InputStream packed = new java.io.ByteArrayInputStream(data.getPayload());
            unpacked =
                    new ByteArrayInputStream(
                            data.getCompressionType() == ZSTD
                                    ? new ZstdInputStream(packed)
                                    : packed);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The next event; null after the last. */
    @Nullable Event next() {
        try {
            return events.nextEvent(unpacked);
        } catch (IOException e) {
            throw new UncheckedIOException("a compressed transaction cannot be unpacked", e);
        }
    }

    @Override
    public void close() {
        try {
            unpacked.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
