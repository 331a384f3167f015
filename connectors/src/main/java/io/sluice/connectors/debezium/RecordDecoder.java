package io.sluice.connectors.debezium;

import io.sluice.change.Change;
import io.sluice.change.Lsn;
import io.sluice.change.Origin;
import io.sluice.change.Row;
import io.sluice.change.RowChange;
import io.sluice.change.TableSchema;
import io.sluice.change.TransactionEnd;
import io.sluice.change.TransactionPiece;
import io.sluice.change.Truncate;
import io.sluice.connectors.debezium.TablePlans.TablePlan;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes pieces of transactions out of Debezium's records. Used by one thread.
 *
 * <p>Records come in the order BEGIN, row changes, END, one transaction after the other.
 * Invariants, each of which ends the source when it does not hold: no row change stands outside a
 * transaction; an END follows the BEGIN of the same transaction; as many row changes have arrived
 * as Debezium says it sent and as left the log; commits only move forward.
 *
 * <p>A change of a key is an update like any other, because {@link UnlistedTables} keeps keys from
 * Debezium; otherwise it would arrive in two halves, the second of which may lack values that only
 * the old row has. A TRUNCATE of several tables arrives as several records with one position.
 */
final class RecordDecoder {

    private static final Logger log = LoggerFactory.getLogger(RecordDecoder.class);

    private final PostgresCaptureSettings settings;
    private final TablePlans plans;
    private final CommitCounts commits;
    private final Sink sink;

    private Lsn delivered;
    private @Nullable OpenTransaction open;

    /** Who takes the pieces. */
    interface Sink {
        void accept(TransactionPiece piece) throws InterruptedException;
    }

    /**
     * @param from the checkpoint; transactions that it covers are dropped
     * @param commits what left the log
     */
    RecordDecoder(PostgresCaptureSettings settings, Lsn from, CommitCounts commits, Sink sink) {
        this.settings = settings;
        this.plans = new TablePlans(settings.catalog());
        this.commits = commits;
        this.sink = sink;
        delivered = from;
    }

    /**
     * @throws ConnectorException if the record does not fit what came before, or holds what cannot
     *     be read
     */
    void decode(SourceRecord event) throws InterruptedException {
        if (!(event.value() instanceof Struct value)) {
            throw broken("a record without a value");
        }
        Schema schema = value.schema();
        if (schema.field("op") != null) {
            change(event, value);
        } else if (schema.field("status") != null) {
            switch (value.getString("status")) {
                case "BEGIN" -> begin(event, value);
                case "END" -> end(event, value);
                default -> throw broken("a transaction that neither begins nor ends");
            }
        } else if (!event.topic().startsWith("__debezium-heartbeat")) {
            throw broken("a record of an unknown kind");
        }
    }

    private void begin(SourceRecord event, Struct value) {
        if (open != null) {
            log.info("{}: a transaction breaks off and is sent again", settings.pipeline());
        }
        open =
                new OpenTransaction(
                        transactionOf(value.getString("id")), commitTime(event.sourceOffset()));
    }

    private void end(SourceRecord event, Struct value) throws InterruptedException {
        OpenTransaction transaction = open;
        if (transaction == null || !transaction.id.equals(transactionOf(value.getString("id")))) {
            throw broken("the end of a transaction that has not begun");
        }
        transaction.closeTruncate();
        Lsn position = new Lsn(number(event.sourceOffset(), "lsn_commit"));
        SiteLog.Ended ended = requireComplete(transaction, position, value.getInt64("event_count"));
        open = null;
        if (position.compareTo(delivered) <= 0) {
            log.debug("{}: the transaction at {} is known", settings.pipeline(), position);
            return;
        }
        Instant commitTime = commitTime(event.sourceOffset());
        String from = ended.origin() == null ? transaction.origin : ended.origin();
        Origin origin = from == null ? settings.origin() : new Origin(from);
        TransactionPiece last =
                transaction.piece(
                        Optional.of(
                                new TransactionEnd(position, commitTime, origin, ended.applied())));
        delivered = position;
        sink.accept(last);
    }

    private SiteLog.Ended requireComplete(OpenTransaction transaction, Lsn position, long sent) {
        if (sent != transaction.records) {
            throw broken(
                    "%d records of the transaction at %s where Debezium sent %d"
                            .formatted(transaction.records, position, sent));
        }
        CommitCounts.Count logged = commits.next();
        if (logged == null
                || !logged.commit().equals(position)
                || logged.changes() != transaction.changeCount) {
            throw broken(
                    ("%d changes of the transaction at %s where the log has %s. A table is left out that"
                                    + " Debezium cannot name, or that has no columns")
                            .formatted(transaction.changeCount, position, logged));
        }
        return logged.ended();
    }

    private void change(SourceRecord event, Struct value) throws InterruptedException {
        String operation = value.getString("op");
        OpenTransaction transaction = open;
        if (operation.equals("m")) {
            if (transaction != null
                    && value.schema().field("transaction") != null
                    && value.get("transaction") != null) {
                transaction.records++;
            }
            return;
        }
        if (transaction == null) {
            throw broken("a change outside of a transaction");
        }
        transaction.records++;
        Struct source = value.getStruct("source");
        transaction.origin = source.getString("origin");
        TablePlan plan = plans.plan(value.schema().field("after").schema(), source);
        if (!event.headers().isEmpty()) {
            throw broken(plan.schema().table() + ": half a change of a key");
        }
        if (operation.equals("t")) {
            transaction.truncate(plan.schema(), source.getInt64("lsn"));
        } else {
            transaction.closeTruncate();
            transaction.add(rowChange(plan, operation, value));
        }
        if (transaction.isFull()) {
            sink.accept(transaction.piece(Optional.empty()));
        }
    }

    private RowChange rowChange(TablePlan plan, String operation, Struct value) {
        Struct before = value.getStruct("before");
        Struct after = value.getStruct("after");
        return switch (operation) {
            case "c" -> new RowChange.Insert(plan.schema(), Row.of(plan.values(after)));
            case "u" -> {
                @Nullable Object[] now = plan.values(after);
                Row old = before == null ? plan.keyAlone(now) : plan.before(before);
                yield update(plan, old, now);
            }
            case "d" -> {
                if (before == null) {
                    throw broken(plan.schema().table() + ": a deleted row without its identity");
                }
                yield new RowChange.Delete(plan.schema(), plan.before(before));
            }
            default -> throw broken("an operation " + operation);
        };
    }

    /** A key value that is out of line and unchanged is in the old row alone. */
    private static RowChange update(TablePlan plan, Row old, @Nullable Object[] now) {
        for (int position : plan.schema().key()) {
            if (now[position] == Row.NOT_SENT) {
                now[position] = old.get(position);
            }
        }
        return new RowChange.Update(plan.schema(), old, Row.of(now));
    }

    /** Debezium's name of a transaction is its number and, after a colon, where it had got to. */
    private static String transactionOf(String id) {
        int colon = id.indexOf(':');
        return colon < 0 ? id : id.substring(0, colon);
    }

    private Instant commitTime(Map<String, ?> offset) {
        return Instant.EPOCH.plus(number(offset, "ts_usec"), ChronoUnit.MICROS);
    }

    private long number(Map<String, ?> offset, String key) {
        if (offset.get(key) instanceof Long number) {
            return number;
        }
        throw broken("no " + key + " with the bounds of a transaction");
    }

    private ConnectorException broken(String what) {
        return new ConnectorException(
                ErrorClass.FATAL,
                "%s: reading the log after %s: %s; please report this"
                        .formatted(settings.pipeline(), delivered, what));
    }

    /** A transaction whose END has not arrived. */
    private final class OpenTransaction {

        private final String id;
        private final Instant commitTime;
        private boolean first = true;
        private List<Change> changes = new ArrayList<>();
        private long bytes;
        private long records;
        private long changeCount;
        private @Nullable String origin;
        private final List<TableSchema> truncated = new ArrayList<>();
        private long truncatedAt;

        OpenTransaction(String id, Instant commitTime) {
            this.id = id;
            this.commitTime = commitTime;
        }

        void add(Change change) {
            changes.add(change);
            bytes += change.sizeInBytes();
            changeCount++;
        }

        void truncate(TableSchema table, long position) {
            if (position != truncatedAt) {
                closeTruncate();
            }
            truncated.add(table);
            truncatedAt = position;
        }

        void closeTruncate() {
            if (!truncated.isEmpty()) {
                Truncate truncate = new Truncate(truncated);
                truncated.clear();
                add(truncate);
                changeCount += truncate.tables().size() - 1L;
            }
        }

        boolean isFull() {
            return changes.size() >= settings.limits().pieceRows()
                    || bytes >= settings.limits().pieceBytes();
        }

        TransactionPiece piece(Optional<TransactionEnd> end) {
            TransactionPiece piece = new TransactionPiece(first, commitTime, changes, end);
            first = false;
            changes = new ArrayList<>();
            bytes = 0;
            return piece;
        }
    }
}
