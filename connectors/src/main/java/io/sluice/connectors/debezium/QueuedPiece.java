package io.sluice.connectors.debezium;

import io.debezium.pipeline.DataChangeEvent;
import io.sluice.change.TransactionPiece;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;

/** A piece of a transaction in Debezium's queue, as heavy as it is. */
final class QueuedPiece extends DataChangeEvent {

    private static final String TOPIC = "pieces";

    private final long bytes;

    QueuedPiece(TransactionPiece piece) {
        super(new SourceRecord(Map.of(), Map.of(), TOPIC, null, piece));
        bytes = piece.sizeInBytes();
    }

    @Override
    public long objectSize() {
        return bytes;
    }
}
