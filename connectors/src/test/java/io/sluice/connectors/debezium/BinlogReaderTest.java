package io.sluice.connectors.debezium;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.EventData;
import com.github.shyiko.mysql.binlog.event.EventHeaderV4;
import com.github.shyiko.mysql.binlog.event.EventType;
import com.github.shyiko.mysql.binlog.event.GtidEventData;
import com.github.shyiko.mysql.binlog.event.MySqlGtid;
import com.github.shyiko.mysql.binlog.event.XidEventData;
import io.sluice.change.BinlogPosition;
import io.sluice.change.GtidSet;
import io.sluice.change.Origin;
import io.sluice.change.TableId;
import io.sluice.change.TransactionPiece;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
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
