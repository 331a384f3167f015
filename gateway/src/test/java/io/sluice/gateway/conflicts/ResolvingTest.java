package io.sluice.gateway.conflicts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.change.Column;
import io.sluice.change.LogicalType;
import io.sluice.change.Row;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.ConflictRecord;
import io.sluice.connectors.spi.ConflictStore.Correction;
import io.sluice.connectors.spi.ConflictStore.StandingRow;
import io.sluice.connectors.spi.RecordedConflict;
import io.sluice.connectors.spi.SiteSession.RowName;
import io.sluice.gateway.apply.RowJson;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a row becomes by a person's choice. */
class ResolvingTest {

    private static final TableSchema TABLE =
            new TableSchema(
                    new TableId("public", "item"),
                    List.of(
                            new Column("id", LogicalType.INTEGER),
                            new Column("n", LogicalType.INTEGER),
                            new Column("text", LogicalType.TEXT)),
                    List.of(0));

    private static final String LONG = "x".repeat(20_000);

    private static Row row(long n, String text) {
        return Row.of(1L, n, text);
    }

    private static @Nullable Row decide(
            Choice choice,
            boolean force,
            String resolution,
            @Nullable Row incoming,
            @Nullable Row standing,
            @Nullable Row now) {
        return decide(choice, force, resolution, incoming, standing, null, now);
    }

    private static @Nullable Row decide(
            Choice choice,
            boolean force,
            String resolution,
            @Nullable Row incoming,
            @Nullable Row standing,
            @Nullable Row merged,
            @Nullable Row now) {
        ConflictRecord record =
                new ConflictRecord(
                        1,
                        new RowName(TABLE.table(), "hash"),
                        "{\"id\":1}",
                        "update_origin_differs",
                        resolution,
                        "reason",
                        "last-update-wins",
                        incoming == null ? "delete" : "update",
                        "1@a",
                        "1@b",
                        incoming == null ? null : RowJson.values(TABLE, incoming),
                        standing == null ? null : RowJson.values(TABLE, standing),
                        merged == null ? null : RowJson.values(TABLE, merged),
                        null);
        StandingRow place =
                new StandingRow() {
                    @Override
                    public TableSchema table() {
                        return TABLE;
                    }

                    @Override
                    public Optional<Row> lock(Row key) {
                        return Optional.ofNullable(now);
                    }
                };
        Correction correction =
                new Resolving(choice, force).decide(new RecordedConflict("p", record, null), place);
        assertThat(correction.writes()).isTrue();
        return correction.row();
    }

    @Test
    void whatTheChangeDidNotSayIsTakenFromTheRowThatItMet() {
        Row sent = Row.of(1L, 5L, Row.NOT_SENT);
        Row met = row(1, "old");
        assertThat(decide(Choice.APPLY_INCOMING, false, "keep", sent, met, met))
                .isEqualTo(row(5, "old"));
        assertThat(decide(Choice.KEEP, false, "apply", sent, met, row(5, "old"))).isEqualTo(met);
        assertThat(decide(Choice.APPLY_INCOMING, false, "park", null, met, met)).isNull();
    }

    @Test
    void aRowThatIsNotWhatWasDecidedIsLeftAlone() {
        Row met = row(1, "old");
        Row sent = row(5, "new");
        for (Row now : new Row[] {row(2, "old"), sent, null}) {
            assertThatThrownBy(() -> decide(Choice.KEEP, false, "park", sent, met, now))
                    .isInstanceOf(ConflictRefusedException.class)
                    .hasMessageContaining("changed since");
            assertThat(decide(Choice.KEEP, true, "park", sent, met, now)).isEqualTo(met);
        }
        assertThatThrownBy(() -> decide(Choice.KEEP, false, "merge", sent, met, met))
                .as("of an older gateway")
                .hasMessageContaining("merged");
        assertThat(decide(Choice.APPLY_INCOMING, true, "merge", sent, met, met)).isEqualTo(sent);
    }

    @Test
    void aRowThatStillIsWhatWasMergedIsWrittenWithoutForce() {
        Row met = row(10, "met");
        Row sent = Row.of(1L, 12L, Row.NOT_SENT);
        Row merged = row(15, "met");
        assertThat(decide(Choice.KEEP, false, "merge", sent, met, merged, merged)).isEqualTo(met);
        assertThat(decide(Choice.APPLY_INCOMING, false, "merge", sent, met, merged, merged))
                .isEqualTo(row(12, "met"));
        for (Row now : new Row[] {met, row(16, "met"), null}) {
            assertThatThrownBy(() -> decide(Choice.KEEP, false, "merge", sent, met, merged, now))
                    .hasMessageContaining("changed since");
        }
        Row both = row(12, LONG);
        Row kept = row(15, LONG);
        assertThat(decide(Choice.KEEP, false, "merge", sent, row(10, LONG), kept, kept))
                .as("a long value that the merge left alone")
                .isEqualTo(row(10, LONG));
        Row other = row(15, "y".repeat(20_000));
        assertThatThrownBy(() -> decide(Choice.KEEP, false, "merge", both, both, other, other))
                .as("a long value that it did not")
                .hasMessageContaining("of text is not on record");
    }

    @Test
    void aLongValueIsLeftAsItStandsWhereThatIsTheOneThatIsMeant() {
        Row met = row(1, LONG);
        assertThat(decide(Choice.APPLY_INCOMING, false, "keep", row(2, LONG), met, met))
                .as("the same in both")
                .isEqualTo(row(2, LONG));
        assertThat(decide(Choice.KEEP, false, "park", row(2, "short"), met, met)).isEqualTo(met);
        String other = "y".repeat(20_000);
        assertThatThrownBy(
                        () -> decide(Choice.APPLY_INCOMING, false, "keep", row(2, other), met, met))
                .hasMessageContaining("of text is not on record");
        assertThatThrownBy(() -> decide(Choice.KEEP, true, "apply", row(2, "short"), met, met))
                .hasMessageContaining("not on record");
    }
}
