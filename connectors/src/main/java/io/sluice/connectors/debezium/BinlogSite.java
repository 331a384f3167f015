package io.sluice.connectors.debezium;

import com.github.shyiko.mysql.binlog.event.ByteArrayEventData;
import com.github.shyiko.mysql.binlog.event.EventType;
import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import io.debezium.relational.Column;
import io.sluice.change.AppliedMark;
import io.sluice.change.HybridTimestamp;
import io.sluice.change.Row;
import io.sluice.change.RowChange;
import io.sluice.change.SourcePosition;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a binary log says of who wrote a transaction: the server that committed it first, the row of
 * {@code sluice.site_mark} that an applied one begins with, and that of {@code sluice.checkpoint}
 * that it ends with. Used by the thread that reads the log.
 *
 * <p>The columns of both tables are known by their places, which no later version changes.
 */
final class BinlogSite {

    private static final String DATABASE = "sluice";
    private static final String MARKS = "site_mark";
    private static final String CHECKPOINTS = "checkpoint";

    private static final int PIPELINE = 0;
    private static final int PHASE = 2;
    private static final int POSITION = 3;
    private static final int CLOCK = 9;

    private static final String STREAMING = "STREAMING";

    private final String pipeline;
    private final SiteLog site;
    private final Map<Long, BinlogTable> byNumber = new HashMap<>();

    private BinlogSite(String pipeline, SiteLog site) {
        this.pipeline = pipeline;
        this.site = site;
    }

    /** Null where the server is no site. */
    static @Nullable BinlogSite of(MySqlCaptureSession session) {
        SiteCapture capture = session.settings.site();
        LoopProbe probe = session.probe;
        if (capture == null || probe == null) {
            return null;
        }
        String pipeline = session.settings.pipeline();
        return new BinlogSite(pipeline, new SiteLog(pipeline, capture, probe));
    }

    /**
     * @param gtid of the transaction; null where it has none
     * @param serverId of the server that wrote it first
     */
    void begin(@Nullable String gtid, long serverId) {
        site.begin();
        site.server(gtid == null ? Long.toString(serverId) : gtid.substring(0, gtid.indexOf(':')));
    }

    void announce(TableMapEventData map) {
        String table = map.getTable();
        if (map.getDatabase().equals(DATABASE)
                && (table.equals(MARKS) || table.equals(CHECKPOINTS))) {
            byNumber.put(map.getTableId(), table(map));
        } else {
            byNumber.remove(map.getTableId());
        }
    }

    void forgetNumbers() {
        byNumber.clear();
    }

    /** Whether changes of the transaction are passed on; what is taken counts as one. */
    boolean takes() {
        if (site.drops()) {
            return false;
        }
        site.changed();
        return true;
    }

    /** Reads the event if it is of a table of the gateway. */
    boolean reads(EventType type, ByteArrayEventData data) {
        BinlogBytes in = new BinlogBytes(data.getData());
        BinlogTable table = byNumber.get(in.littleEndian(6));
        if (table == null) {
            return false;
        }
        RowsEvent rows = RowsEvent.of(type, in, table);
        if (!rows.isWhole()) {
            throw new ConnectorException(
                    ErrorClass.FATAL,
                    ("%s: the log has only parts of the rows of %s; set binlog_row_image=FULL for all"
                                    + " sessions, then copy again")
                            .formatted(pipeline, table.schema().table()));
        }
        while (in.hasMore()) {
            read(table, rows.next());
        }
        return true;
    }

    SiteLog.Ended end(SourcePosition position) {
        return site.end(position);
    }

    private void read(BinlogTable table, RowChange change) {
        Row row =
                switch (change) {
                    case RowChange.Insert insert -> insert.after();
                    case RowChange.Update update -> update.after();
                    case RowChange.Delete delete -> delete.before();
                };
        String by = text(row.get(PIPELINE));
        if (table.schema().table().name().equals(MARKS)) {
            site.applied(by);
        } else if (!(change instanceof RowChange.Delete)
                && row.size() > CLOCK
                && text(row.get(PHASE)).equals(STREAMING)) {
            String clock = text(row.get(CLOCK));
            site.mark(
                    new AppliedMark(
                            by,
                            SourcePosition.parse(text(row.get(POSITION))),
                            clock.isEmpty() ? HybridTimestamp.ZERO : HybridTimestamp.parse(clock)));
        }
    }

    private static String text(@Nullable Object value) {
        if (value == null) {
            return "";
        }
        return value instanceof byte[] bytes
                ? new String(bytes, StandardCharsets.UTF_8)
                : value.toString();
    }

    private static BinlogTable table(TableMapEventData map) {
        List<String> charsets = BinlogCharsets.of(map);
        List<CellReader> readers = new ArrayList<>();
        List<Integer> positions = new ArrayList<>();
        List<io.sluice.change.Column> columns = new ArrayList<>();
        for (int i = 0; i < map.getColumnTypes().length; i++) {
            boolean bytes = i == PIPELINE;
            Column column =
                    Column.editor()
                            .name("column " + i)
                            .type(bytes ? "VARBINARY" : "TEXT")
                            .charsetName(bytes ? "binary" : "utf8mb4")
                            .create();
            CellReader reader =
                    CellReaders.of(
                            column,
                            map.getColumnTypes()[i] & 0xFF,
                            map.getColumnMetadata()[i],
                            charsets.isEmpty() || charsets.get(i).isEmpty()
                                    ? null
                                    : charsets.get(i));
            readers.add(reader);
            positions.add(i);
            columns.add(new io.sluice.change.Column(column.name(), reader.type()));
        }
        TableId id = new TableId(map.getDatabase(), map.getTable());
        return new BinlogTable(new TableSchema(id, columns, List.of()), readers, positions);
    }
}
