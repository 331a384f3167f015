package io.sluice.connectors.debezium;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.shyiko.mysql.binlog.event.ByteArrayEventData;
import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.EventData;
import com.github.shyiko.mysql.binlog.event.EventHeaderV4;
import com.github.shyiko.mysql.binlog.event.EventType;
import com.github.shyiko.mysql.binlog.event.GtidEventData;
import com.github.shyiko.mysql.binlog.event.MySqlGtid;
import com.github.shyiko.mysql.binlog.event.QueryEventData;
import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import com.github.shyiko.mysql.binlog.event.XidEventData;
import com.github.shyiko.mysql.binlog.event.deserialization.ColumnType;
import io.debezium.relational.Column;
import io.debezium.relational.Table;
import io.sluice.change.BinlogPosition;
import io.sluice.change.GtidSet;
import io.sluice.change.Origin;
import io.sluice.change.TableId;
import io.sluice.change.TransactionPiece;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import java.nio.ByteBuffer;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Logs that no test can wait for a server to write. */
class BinlogReaderTest {

    private static final String FILE = "binlog.000007";
    private static final UUID SERVER = UUID.randomUUID();

    /** Offsets travel in 32 bits; a transaction here begins below 4 GiB and ends above. */
    private static final long NEAR_THE_END = (1L << 32) - 100;

    private static final long BEYOND_THE_END = 200;

    private final List<TransactionPiece> pieces = new ArrayList<>();

    @Test
    void withoutGtidsAFileBeyondFourGibibytesStopsTheReader() throws Exception {
        BinlogReader reader = reader(null);
        read(reader, EventType.ANONYMOUS_GTID, NEAR_THE_END, new GtidEventData());
        assertThatThrownBy(() -> read(reader, EventType.XID, BEYOND_THE_END, new XidEventData()))
                .isInstanceOfSatisfying(
                        ConnectorException.class,
                        e -> assertThat(e.errorClass()).isEqualTo(ErrorClass.FATAL))
                .hasMessageContaining("4 GiB")
                .hasMessageContaining("gtid_mode=ON");
        assertThat(pieces).isEmpty();
    }

    @Test
    void withGtidsItDoesNotMatterHowLargeAFileIs() throws Exception {
        GtidSet before = GtidSet.parse(SERVER + ":1");
        BinlogReader reader = reader(before);
        GtidEventData named =
                new GtidEventData(
                        MySqlGtid.fromString(SERVER + ":2"), (byte) 0, 0, 0, 0, 0, 0, 0, 0);
        read(reader, EventType.GTID, NEAR_THE_END, named);
        read(reader, EventType.XID, BEYOND_THE_END, new XidEventData());
        assertThat(pieces)
                .singleElement()
                .satisfies(
                        piece ->
                                assertThat(piece.end().orElseThrow().position().text())
                                        .endsWith(";" + SERVER + ":1-2"));
    }

    @Test
    void anIncidentOfTheServerStopsTheReader() {
        assertThatThrownBy(() -> read(reader(null), EventType.INCIDENT, 200, new XidEventData()))
                .isInstanceOfSatisfying(
                        ConnectorException.class,
                        e -> assertThat(e.errorClass()).isEqualTo(ErrorClass.FATAL))
                .hasMessageContaining("its log has lost changes");
        assertThat(pieces).isEmpty();
    }

    /**
     * As a replica may write it. A MySQL of today has no rows and a ROLLBACK in one transaction.
     */
    @Test
    void aTransactionThatEndsInARollbackStopsTheReaderAndNeverEnds() throws Exception {
        BinlogTables tables = new BinlogTables(settings(), id -> ITEM);
        MySqlCaptureSession session =
                new MySqlCaptureSession(settings(), new BinlogPosition(FILE, 4, null));
        BinlogReader reader = new BinlogReader(session, tables, null, pieces::add);
        read(reader, EventType.ANONYMOUS_GTID, 100, new GtidEventData());
        read(reader, EventType.QUERY, 200, statement("BEGIN"));
        read(reader, EventType.TABLE_MAP, 300, announced());
        for (int i = 0; i < 2; i++) {
            read(
                    reader,
                    EventType.EXT_WRITE_ROWS,
                    400 + i,
                    rows(CaptureLimits.DEFAULT.pieceRows()));
        }
        assertThat(pieces).as("handed over before anybody could know").hasSize(2);
        assertThatThrownBy(() -> read(reader, EventType.QUERY, 900, statement("ROLLBACK")))
                .isInstanceOfSatisfying(
                        ConnectorException.class,
                        e -> assertThat(e.errorClass()).isEqualTo(ErrorClass.FATAL))
                .hasMessageContaining("takes back a part of itself")
                .hasMessageContaining("make all replicated tables InnoDB");
        assertThat(pieces).hasSize(2).allMatch(piece -> piece.end().isEmpty());
    }

    /** One column of numbers. */
    private static final Table ITEM =
            Table.editor()
                    .tableId(new io.debezium.relational.TableId("shop", null, "t"))
                    .addColumn(
                            Column.editor().name("id").type("INT").jdbcType(Types.INTEGER).create())
                    .create();

    private static QueryEventData statement(String sql) {
        QueryEventData query = new QueryEventData();
        query.setDatabase("shop");
        query.setSql(sql);
        return query;
    }

    private static TableMapEventData announced() {
        TableMapEventData map = new TableMapEventData();
        map.setTableId(7);
        map.setDatabase("shop");
        map.setTable("t");
        map.setColumnTypes(new byte[] {(byte) ColumnType.LONG.getCode()});
        map.setColumnMetadata(new int[1]);
        return map;
    }

    /** The table's number, flags, nothing more, one column that is present; and the rows. */
    private static ByteArrayEventData rows(int count) {
        ByteBuffer bytes = ByteBuffer.allocate(12 + 5 * count);
        bytes.put(new byte[] {7, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 1});
        for (int i = 0; i < count; i++) {
            bytes.put(new byte[] {0, 1, 0, 0, 0});
        }
        ByteArrayEventData data = new ByteArrayEventData();
        data.setData(bytes.array());
        return data;
    }

    private static void read(BinlogReader reader, EventType type, long next, EventData data)
            throws InterruptedException {
        EventHeaderV4 header = new EventHeaderV4();
        header.setEventType(type);
        header.setNextPosition(next);
        reader.read(new Event(header, data));
    }

    private BinlogReader reader(@Nullable GtidSet covered) {
        MySqlCaptureSession session =
                new MySqlCaptureSession(settings(), new BinlogPosition(FILE, 4, covered));
        return new BinlogReader(session, null, null, pieces::add);
    }

    private static MySqlCaptureSettings settings() {
        return new MySqlCaptureSettings(
                "nowhere",
                1,
                "nobody",
                "",
                Map.of(),
                "orders:east->west",
                1,
                Set.of(new TableId("shop", "t")),
                new Origin("east"),
                table -> null,
                error -> ErrorClass.FATAL,
                new MySqlFixture.History(),
                CaptureLimits.DEFAULT);
    }
}
