package io.sluice.connectors.debezium;

import io.debezium.connector.postgresql.connection.ReplicationMessage;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Mends the table names of messages. Debezium's decoder writes a name in double quotes, with those
 * inside doubled, and its emitter reads it back by undoing doubled quotes of three kinds; a name
 * with {@code ''} or two back-ticks in it would come out as another one.
 */
final class QuotedNames {

    private final Map<String, String> repaired = new HashMap<>();

    ReplicationMessage repaired(ReplicationMessage message) {
        return switch (message.getOperation()) {
            case INSERT, UPDATE, DELETE, TRUNCATE -> {
                if (message.isSkippedMessage()) {
                    yield message;
                }
                String name = message.getTable();
                if (name.indexOf('\'') < 0 && name.indexOf('`') < 0) {
                    yield message;
                }
                yield new Renamed(
                        message,
                        repaired.computeIfAbsent(
                                name, n -> n.replace("'", "''").replace("`", "``")));
            }
            case BEGIN, COMMIT, MESSAGE, ORIGIN, NOOP -> message;
        };
    }

    private record Renamed(ReplicationMessage message, String table) implements ReplicationMessage {

        @Override
        public String getTable() {
            return table;
        }

        @Override
        public Operation getOperation() {
            return message.getOperation();
        }

        @Override
        public Instant getCommitTime() {
            return message.getCommitTime();
        }

        @Override
        public OptionalLong getTransactionId() {
            return message.getTransactionId();
        }

        @Override
        public List<Column> getOldTupleList() {
            return message.getOldTupleList();
        }

        @Override
        public List<Column> getNewTupleList() {
            return message.getNewTupleList();
        }

        @Override
        public boolean isLastEventForLsn() {
            return message.isLastEventForLsn();
        }

        @Override
        public boolean shouldSchemaBeSynchronized() {
            return message.shouldSchemaBeSynchronized();
        }
    }
}
