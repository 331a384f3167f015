package io.sluice.connectors.debezium;

import com.github.shyiko.mysql.binlog.event.EventType;
import com.github.shyiko.mysql.binlog.event.TransactionPayloadEventData;
import com.github.shyiko.mysql.binlog.event.deserialization.ByteArrayEventDataDeserializer;
import com.github.shyiko.mysql.binlog.event.deserialization.ChecksumType;
import com.github.shyiko.mysql.binlog.event.deserialization.EventDataDeserializer;
import com.github.shyiko.mysql.binlog.event.deserialization.EventDeserializer;
import com.github.shyiko.mysql.binlog.event.deserialization.GtidEventDataDeserializer;
import com.github.shyiko.mysql.binlog.event.deserialization.GtidTaggedEventDataDeserializer;
import com.github.shyiko.mysql.binlog.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;

/**
 * How the log's client reads events: those about rows are left as bytes, so that rows of tables
 * that are not replicated cost nothing and cannot fail.
 */
final class BinlogEvents {

    private static final int PAYLOAD_HEADER_END = 0;
    private static final int PAYLOAD_SIZE = 1;
    private static final int PAYLOAD_COMPRESSION = 2;

    private BinlogEvents() {}

    static EventDeserializer ofLog() {
        EventDeserializer events = new EventDeserializer();
        ByteArrayEventDataDeserializer bytes = new ByteArrayEventDataDeserializer();
        for (EventType type : EventType.values()) {
            if (EventType.isRowMutation(type)) {
                events.setEventDataDeserializer(type, bytes);
            }
        }
        events.setEventDataDeserializer(EventType.PARTIAL_UPDATE_ROWS_EVENT, bytes);
        events.setEventDataDeserializer(EventType.EXECUTE_LOAD_QUERY, bytes);
        events.setEventDataDeserializer(EventType.GTID, new GtidEventDataDeserializer());
        events.setEventDataDeserializer(EventType.ANONYMOUS_GTID, new GtidEventDataDeserializer());
        events.setEventDataDeserializer(
                EventType.GTID_TAGGED, new GtidTaggedEventDataDeserializer());
        events.setEventDataDeserializer(EventType.TRANSACTION_PAYLOAD, new Packed());
        return events;
    }

    /** For the events inside of a compressed one, which have no checksums. */
    static EventDeserializer uncompressed() {
        EventDeserializer events = ofLog();
        events.setChecksumType(ChecksumType.NONE);
        return events;
    }

    /** Leaves the payload as it is. */
    private static final class Packed
            implements EventDataDeserializer<TransactionPayloadEventData> {

        @Override
        public TransactionPayloadEventData deserialize(ByteArrayInputStream in) throws IOException {
            TransactionPayloadEventData data = new TransactionPayloadEventData();
            data.setUncompressedEvents(new ArrayList<>());
            for (int field = in.readPackedInteger();
                    field != PAYLOAD_HEADER_END;
                    field = in.readPackedInteger()) {
                int length = in.readPackedInteger();
                switch (field) {
                    case PAYLOAD_SIZE -> data.setPayloadSize(in.readPackedInteger());
                    case PAYLOAD_COMPRESSION -> data.setCompressionType(in.readPackedInteger());
                    default -> in.read(length);
                }
            }
            data.setPayload(in.read(data.getPayloadSize()));
            return data;
        }
    }
}
