package io.sluice.connectors.debezium;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.change.Column;
import io.sluice.change.LogicalType;
import io.sluice.change.Lsn;
import io.sluice.change.Origin;
import io.sluice.change.Row;
import io.sluice.change.RowChange;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.change.TransactionPiece;
import io.sluice.change.Truncate;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the decoder takes and refuses; what real servers send is tested elsewhere. */
class RecordDecoderTest {

    private static final int INT4 = 23;
    private static final int TEXT = 25;
    private static final TableSchema T =
            new TableSchema(
                    new TableId("public", "t"),
                    List.of(
                            new Column("id", LogicalType.INTEGER),
                            new Column("a", LogicalType.TEXT)),
                    List.of(0));

    private static final Schema ROW = row();
    private static final Schema SOURCE =
            SchemaBuilder.struct()
                    .field("schema", Schema.STRING_SCHEMA)
                    .field("table", Schema.STRING_SCHEMA)
                    .field("lsn", Schema.OPTIONAL_INT64_SCHEMA)
                    .field("origin", Schema.OPTIONAL_STRING_SCHEMA)
                    .build();
    private static final Schema ENVELOPE = envelope(ROW);
    private static final Schema BOUND =
            SchemaBuilder.struct()
                    .field("status", Schema.STRING_SCHEMA)
                    .field("id", Schema.STRING_SCHEMA)
                    .field("event_count", Schema.OPTIONAL_INT64_SCHEMA)
                    .build();

    private final CommitCounts commits = new CommitCounts();
    private final List<TransactionPiece> pieces = new ArrayList<>();
    private final RecordDecoder decoder = decoder(CaptureLimits.DEFAULT);

    @Test
    void aTransactionIsOnePiece() throws Exception {
        transaction(100, insert("1", "x"), insert("2", null));
        assertThat(pieces).hasSize(1);
        assertThat(pieces.getFirst().first()).isTrue();
        assertThat(pieces.getFirst().changes())
                .containsExactly(
                        new RowChange.Insert(T, Row.of(1L, "x")),
                        new RowChange.Insert(T, Row.of(2L, null)));
        assertThat(pieces.getFirst().end().orElseThrow().position()).isEqualTo(new Lsn(100));
    }

    @Test
    void whatTheCheckpointCoversIsDropped() throws Exception {
        transaction(50, insert("1", "x"));
        transaction(51, insert("2", "x"));
        transaction(51, insert("3", "x"));
        transaction(40, insert("4", "x"));
        assertThat(pieces).hasSize(1);
        assertThat(pieces.getFirst().changes())
                .containsExactly(new RowChange.Insert(T, Row.of(2L, "x")));
    }

    @Test
    void aTransactionThatBeginsInAnotherVoidsIt() throws Exception {
        RecordDecoder small = decoder(new CaptureLimits(10, 0, 2, 1_000_000));
        small.decode(begin("7"));
        small.decode(insert("1", "x"));
        small.decode(insert("2", "x"));
        small.decode(begin("7"));
        small.decode(insert("1", "x"));
        commits.add(new Lsn(100), 1);
        small.decode(end("7", 100, 1));
        assertThat(pieces).extracting(TransactionPiece::first).containsExactly(true, true);
        assertThat(pieces)
                .extracting(piece -> piece.end().isPresent())
                .containsExactly(false, true);
    }

    @Test
    void aChangeOutsideOfATransactionIsRefused() {
        refused("outside", insert("1", "x"));
    }

    @Test
    void anEndWithoutItsBeginningIsRefused() {
        refused("not begun", end("7", 100, 0));
        refused("not begun", begin("8"), end("7", 100, 0));
    }

    @Test
    void missingRecordsAreNoticed() {
        commits.add(new Lsn(100), 1);
        refused("1 records", begin("7"), insert("1", "x"), end("7", 100, 2));
    }

    @Test
    void changesThatDebeziumLeftOutAreNoticed() {
        commits.add(new Lsn(100), 2);
        refused("1 changes", begin("7"), insert("1", "x"), end("7", 100, 1));
        commits.add(new Lsn(99), 1);
        refused("1 changes", begin("7"), insert("1", "x"), end("7", 100, 1));
        refused("1 changes", begin("7"), insert("1", "x"), end("7", 100, 1));
    }

    @Test
    void halfAChangeOfAKeyIsRefused() {
        SourceRecord half = change("d", values("1", null), null);
        half.headers().addString("__debezium.newkey", "2");
        refused("half a change", begin("7"), half);
    }

    @Test
    void anInsertThatLacksAValueIsRefused() {
        assertThatThrownBy(
                        () -> {
                            decoder.decode(begin("7"));
                            decoder.decode(insert("1", RawTextConverter.NOT_SENT));
                        })
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void textThatIsNotOfItsTypeIsRefusedWithoutShowingIt() {
        assertThatThrownBy(
                        () -> {
                            decoder.decode(begin("7"));
                            decoder.decode(insert("secret", "x"));
                        })
                .isInstanceOfSatisfying(
                        ConnectorException.class,
                        e -> assertThat(e.errorClass()).isEqualTo(ErrorClass.FATAL))
                .hasMessageContaining("id")
                .hasMessageContaining("public.t")
                .hasMessageNotContaining("secret")
                .hasNoCause();
    }

    @Test
    void truncatesAtOnePositionAreOne() throws Exception {
        commits.add(new Lsn(100), 4);
        decoder.decode(begin("7"));
        decoder.decode(truncate(91));
        decoder.decode(truncate(91));
        decoder.decode(truncate(92));
        decoder.decode(insert("1", "x"));
        decoder.decode(end("7", 100, 4));
        assertThat(pieces.getFirst().changes())
                .containsExactly(
                        new Truncate(List.of(T, T)),
                        new Truncate(List.of(T)),
                        new RowChange.Insert(T, Row.of(1L, "x")));
    }

    @Test
    void anyKindOfRecordThatIsUnknownIsRefused() {
        refused("operation r", begin("7"), change("r", null, values("1", "x")));
        Schema strange = SchemaBuilder.struct().field("x", Schema.STRING_SCHEMA).build();
        refused("unknown", event(new Struct(strange).put("x", "y"), Map.of()));
    }

    private void refused(String why, SourceRecord... events) {
        RecordDecoder fresh = decoder(CaptureLimits.DEFAULT);
        assertThatThrownBy(
                        () -> {
                            for (SourceRecord event : events) {
                                fresh.decode(event);
                            }
                        })
                .isInstanceOfSatisfying(
                        ConnectorException.class,
                        e -> assertThat(e.errorClass()).isEqualTo(ErrorClass.FATAL))
                .hasMessageContaining(why);
    }

    private void transaction(long end, SourceRecord... changes) throws Exception {
        commits.add(new Lsn(end), changes.length);
        decoder.decode(begin("7"));
        for (SourceRecord change : changes) {
            decoder.decode(change);
        }
        decoder.decode(end("7", end, changes.length));
    }

    private RecordDecoder decoder(CaptureLimits limits) {
        PostgresCaptureSettings settings =
                new PostgresCaptureSettings(
                        "h",
                        1,
                        "d",
                        "u",
                        "p",
                        Map.of(),
                        "pipe",
                        "s",
                        "p",
                        new Origin("east"),
                        table -> T,
                        e -> ErrorClass.FATAL,
                        limits);
        return new RecordDecoder(settings, new Lsn(50), commits, pieces::add);
    }

    private static SourceRecord begin(String id) {
        return event(
                new Struct(BOUND).put("status", "BEGIN").put("id", id + ":5"),
                Map.of("ts_usec", 1_000_000L));
    }

    private static SourceRecord end(String id, long position, long count) {
        return event(
                new Struct(BOUND)
                        .put("status", "END")
                        .put("id", id + ":9")
                        .put("event_count", count),
                Map.of("ts_usec", 1_000_000L, "lsn_commit", position));
    }

    private static SourceRecord insert(String id, @Nullable String a) {
        return change("c", null, values(id, a));
    }

    private static SourceRecord truncate(long position) {
        return event(envelopeOf("t", null, null, position), Map.of());
    }

    private static Struct values(String id, @Nullable String a) {
        return new Struct(ROW).put("id", id).put("a", a);
    }

    private static SourceRecord change(
            String operation, @Nullable Struct before, @Nullable Struct after) {
        return event(envelopeOf(operation, before, after, 90), Map.of());
    }

    private static Struct envelopeOf(
            String operation, @Nullable Struct before, @Nullable Struct after, long position) {
        Struct source =
                new Struct(SOURCE).put("schema", "public").put("table", "t").put("lsn", position);
        return new Struct(ENVELOPE)
                .put("op", operation)
                .put("before", before)
                .put("after", after)
                .put("source", source);
    }

    private static SourceRecord event(Struct value, Map<String, ?> offset) {
        return new SourceRecord(Map.of(), offset, "topic", value.schema(), value);
    }

    private static Schema row() {
        return SchemaBuilder.struct()
                .field("id", column(INT4))
                .field("a", column(TEXT))
                .optional()
                .build();
    }

    private static Schema column(int oid) {
        return SchemaBuilder.string()
                .optional()
                .parameter(RawTextConverter.TYPE, Integer.toString(oid))
                .build();
    }

    private static Schema envelope(Schema row) {
        return SchemaBuilder.struct()
                .field("op", Schema.STRING_SCHEMA)
                .field("before", row)
                .field("after", row)
                .field("source", SOURCE)
                .build();
    }
}
