package io.sluice.connectors.debezium;

import com.github.shyiko.mysql.binlog.event.ByteArrayEventData;
import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.EventHeaderV4;
import com.github.shyiko.mysql.binlog.event.EventType;
import com.github.shyiko.mysql.binlog.event.GtidEventData;
import com.github.shyiko.mysql.binlog.event.GtidTaggedEventData;
import com.github.shyiko.mysql.binlog.event.QueryEventData;
import com.github.shyiko.mysql.binlog.event.RotateEventData;
import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import io.sluice.change.BinlogPosition;
import io.sluice.change.GtidSet;
import io.sluice.change.Origin;
import io.sluice.change.TableId;
import io.sluice.change.TransactionEnd;
import io.sluice.change.TransactionPiece;
import io.sluice.change.Truncate;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes pieces of transactions out of the events of a binary log. Used by one thread.
 *
 * <p>A transaction begins with an event that gives it a name (GTID, or anonymous). It ends with its
 * commit (XID, or the statement COMMIT), with the statement itself where that is the transaction,
 * as for DDL, or with the preparation of an XA transaction. Everything else stands in between; what
 * stands outside ends the source, and so does everything that is not the change of a row although
 * it may change rows.
 */
final class BinlogReader {

    private static final Logger log = LoggerFactory.getLogger(BinlogReader.class);

    private final MySqlCaptureSettings settings;
    private final BinlogPosition from;
    private final BinlogTables tables;
    private final BinlogStatements statements;
    private final Sink sink;
    private final @Nullable BinlogSite site;

    private String file;

    /** The offset of the last transaction's begin or end in the file. */
    private long reached;

    private @Nullable GtidSet covered;
    private @Nullable BinlogTransaction open;

    /** The end of the compressed transaction whose events are being read; else 0. */
    private long endOfPayload;

    /** Who takes the pieces. */
    interface Sink {
        void accept(TransactionPiece piece) throws InterruptedException;
    }

    BinlogReader(
            MySqlCaptureSession session,
            BinlogTables tables,
            BinlogStatements statements,
            Sink sink) {
        this.settings = session.settings;
        this.from = session.from;
        this.tables = tables;
        this.statements = statements;
        this.sink = sink;
        this.site = BinlogSite.of(session);
        file = from.file();
        covered = from.gtids();
    }

    /**
     * @throws ConnectorException if the event does not fit what came before, or may hold changes
     *     that cannot be read
     */
    void read(Event event) throws InterruptedException {
        EventHeaderV4 header = event.getHeader();
        switch (header.getEventType()) {
            case ROTATE -> rotate(event.getData());
            case PREVIOUS_GTIDS -> beginFile(header);
            case GTID, ANONYMOUS_GTID -> begin(header, event.<GtidEventData>getData());
            case GTID_TAGGED -> begin(header, event.<GtidTaggedEventData>getData());
            case QUERY -> statement(header, event.getData());
            case TABLE_MAP -> announce(event.getData());
            case EXT_WRITE_ROWS,
                    EXT_UPDATE_ROWS,
                    EXT_DELETE_ROWS,
                    WRITE_ROWS,
                    UPDATE_ROWS,
                    DELETE_ROWS,
                    PARTIAL_UPDATE_ROWS_EVENT ->
                    rows(header.getEventType(), event.getData());
            case XID, XA_PREPARE -> end(header);
            case TRANSACTION_PAYLOAD -> compressed(header, event.getData());
            case EXECUTE_LOAD_QUERY -> load(event.getData());
            case INCIDENT -> throw refused("the server says that its log has lost changes", "copy");
            default -> {}
        }
    }

    private void announce(TableMapEventData map) {
        tables.announce(map);
        if (site != null) {
            site.announce(map);
        }
    }

    private void rotate(RotateEventData next) {
        file = next.getBinlogFilename();
        reached = 0;
        tables.forgetNumbers();
        if (site != null) {
            site.forgetNumbers();
        }
    }

    /**
     * Without GTIDs the beginning of a file is a place that an idle log stands at: the server says
     * so of its end, and nobody is behind who has read so far. It stands in the log as the end of a
     * transaction without changes. With GTIDs nothing has moved.
     */
    private void beginFile(EventHeaderV4 header) throws InterruptedException {
        BinlogPosition begun = position(header);
        if (covered == null && !from.covers(begun)) {
            if (open != null) {
                log.info("{}: a transaction breaks off and is void", settings.pipeline());
                open = null;
            }
            requireForward(begun.offset());
            Instant time = Instant.ofEpochMilli(header.getTimestamp());
            sink.accept(
                    new TransactionPiece(
                            true,
                            time,
                            List.of(),
                            Optional.of(new TransactionEnd(begun, time, settings.origin()))));
        }
    }

    /** The log tells offsets in 32 bits, so that those of a larger file begin again at 0. */
    private void requireForward(long next) {
        if (covered == null && next < reached) {
            throw refused(
                    "the file is larger than 4 GiB, and places in it are not told apart",
                    "set gtid_mode=ON, or keep transactions smaller, then copy");
        }
        reached = next;
    }

    private void begin(EventHeaderV4 header, GtidEventData data) {
        boolean named = header.getEventType() == EventType.GTID;
        begin(
                header,
                named ? String.valueOf(data.getMySqlGtid()) : null,
                data.getImmediateCommitTimestamp());
    }

    private void begin(EventHeaderV4 header, GtidTaggedEventData data) {
        begin(header, String.valueOf(data.getMySqlGtid()), data.getImmediateCommitTimestamp());
    }

    private void begin(EventHeaderV4 header, @Nullable String gtid, long commitMicros) {
        if (open != null) {
            log.info("{}: a transaction breaks off and is void", settings.pipeline());
        }
        if (covered != null && gtid == null) {
            throw refused(
                    "a transaction without a GTID follows " + position(header),
                    "keep gtid_mode=ON, then copy");
        }
        // Servers before 8.0.1 tell it to the second alone.
        Instant commitTime =
                commitMicros > 0
                        ? Instant.EPOCH.plus(commitMicros, ChronoUnit.MICROS)
                        : Instant.ofEpochMilli(header.getTimestamp());
        requireForward(header.getNextPosition());
        GtidSet own = covered == null || gtid == null ? null : GtidSet.parse(gtid);
        boolean known =
                own != null
                        ? Objects.requireNonNull(covered).containsAll(own)
                        : from.covers(position(header));
        open = new BinlogTransaction(own, commitTime, known, settings.limits());
        if (site != null) {
            site.begin(gtid, header.getServerId());
        }
    }

    private void statement(EventHeaderV4 header, QueryEventData query) throws InterruptedException {
        BinlogTransaction transaction = open("a statement");
        String sql = query.getSql().strip();
        switch (StatementKind.of(sql)) {
            case BEGIN -> transaction.begun = true;
            case COMMIT, XA_OUTCOME -> end(header);
            case XA_BEGIN -> {
                transaction.begun = true;
                transaction.xa = true;
            }
            case ROLLBACK -> {
                refuseIfChanged(transaction);
                end(header);
            }
            case ROLLBACK_TO -> refuseIfChanged(transaction);
            case ROWS -> {
                refuseIfTouched(sql, query.getDatabase());
                endUnlessBegun(transaction, header);
            }
            case DEFINITION -> {
                define(transaction, sql, query.getDatabase(), header);
                endUnlessBegun(transaction, header);
            }
            case OTHER -> {
                if (StatementKind.head(sql).isEmpty()) {
                    refuseIfTouched(sql, query.getDatabase());
                }
                endUnlessBegun(transaction, header);
            }
            case XA_OTHER -> {}
        }
    }

    private void define(
            BinlogTransaction transaction, String sql, String database, EventHeaderV4 header) {
        BinlogStatements.Effect effect =
                statements.apply(sql, database, after(transaction, header), transaction.gtid);
        if (!effect.emptied().isEmpty() && (site == null || site.takes())) {
            transaction.add(new Truncate(effect.emptied().stream().map(tables::schema).toList()));
        }
        effect.altered().ifPresent(transaction::alter);
    }

    private void endUnlessBegun(BinlogTransaction transaction, EventHeaderV4 header)
            throws InterruptedException {
        if (!transaction.begun) {
            end(header);
        }
    }

    private void refuseIfChanged(BinlogTransaction transaction) {
        if (transaction.hasChanges()) {
            throw refused(
                    "a transaction takes back a part of itself that is in the log already, as it"
                            + " happens with tables that are not InnoDB",
                    "make all replicated tables InnoDB, then copy");
        }
    }

    /** A trigger, a view or a function may change other tables than those that it names. */
    private void refuseIfTouched(String sql, String database) {
        if (statements.touchesReplicated(sql, database)) {
            throw refused(
                    "the log has a statement in the place of the rows that it changed",
                    "set binlog_format=ROW for all sessions, then copy");
        }
    }

    private void load(ByteArrayEventData data) {
        refuseIfTouched(new String(data.getData(), StandardCharsets.UTF_8), "");
    }

    private void rows(EventType type, ByteArrayEventData data) throws InterruptedException {
        BinlogTransaction transaction = open("a change");
        if (site != null && site.reads(type, data)) {
            return;
        }
        BinlogBytes in = new BinlogBytes(data.getData());
        BinlogTable table = tables.byNumber(in.littleEndian(6));
        if (table == null || (site != null && !site.takes())) {
            return;
        }
        TableId id = table.schema().table();
        if (transaction.xa) {
            throw refused(
                    "an XA transaction changes " + id + ", and the log has it before its outcome",
                    "do without XA on replicated tables, then copy");
        }
        if (type == EventType.PARTIAL_UPDATE_ROWS_EVENT) {
            throw refused(
                    "the log has parts of JSON values of " + id,
                    "set binlog_row_value_options='' for all sessions, then copy");
        }
        RowsEvent rows = RowsEvent.of(type, in, table);
        if (!rows.isWhole()) {
            throw refused(
                    "the log has only parts of the rows of " + id,
                    "set binlog_row_image=FULL for all sessions, then copy");
        }
        while (in.hasMore()) {
            transaction.add(rows.next());
            if (transaction.isFull()) {
                sink.accept(transaction.piece(Optional.empty()));
            }
        }
    }

    private void compressed(
            EventHeaderV4 header,
            com.github.shyiko.mysql.binlog.event.TransactionPayloadEventData data)
            throws InterruptedException {
        endOfPayload = header.getNextPosition();
        try (BinlogPayload payload = new BinlogPayload(data)) {
            for (Event event = payload.next(); event != null; event = payload.next()) {
                read(event);
            }
        } finally {
            endOfPayload = 0;
        }
    }

    private void end(EventHeaderV4 header) throws InterruptedException {
        BinlogTransaction transaction = open("the end of a transaction");
        BinlogPosition position = after(transaction, header);
        requireForward(position.offset());
        open = null;
        if (covered != null) {
            covered = position.gtids();
        }
        SiteLog.Ended ended = site == null ? SiteLog.Ended.LOCAL : site.end(position);
        if (!transaction.known) {
            TransactionEnd end =
                    new TransactionEnd(
                            position,
                            transaction.commitTime,
                            ended.origin() == null ? settings.origin() : new Origin(ended.origin()),
                            ended.applied());
            sink.accept(transaction.piece(Optional.of(end)));
        }
    }

    private BinlogTransaction open(String what) {
        BinlogTransaction transaction = open;
        if (transaction == null) {
            throw refused(what + " stands outside of a transaction", "report this, and copy");
        }
        return transaction;
    }

    /** Where the log stands once the transaction has ended with this event. */
    private BinlogPosition after(BinlogTransaction transaction, EventHeaderV4 header) {
        GtidSet gtids = covered;
        if (gtids != null && transaction.gtid != null) {
            gtids = gtids.plus(transaction.gtid);
        }
        return new BinlogPosition(
                file, endOfPayload > 0 ? endOfPayload : header.getNextPosition(), gtids);
    }

    private BinlogPosition position(EventHeaderV4 header) {
        return new BinlogPosition(file, header.getNextPosition(), null);
    }

    private ConnectorException refused(String what, String remedy) {
        return new ConnectorException(
                ErrorClass.FATAL,
                "%s: reading the log in %s: %s; %s again"
                        .formatted(settings.pipeline(), file, what, remedy));
    }
}
