package io.sluice.gateway.sites;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.change.Column;
import io.sluice.change.LogicalType;
import io.sluice.change.Lsn;
import io.sluice.change.Row;
import io.sluice.change.RowChange;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.change.TransactionPiece;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.ColumnDefinition.Identity;
import io.sluice.connectors.spi.DataType;
import io.sluice.connectors.spi.Engine;
import io.sluice.connectors.spi.RowRefusedException;
import io.sluice.connectors.spi.SourceDatabase.Found;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TableDefinition.RowIdentity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OwnFormsTest {

    private static final DataType TINY = new DataType.Int(8, false);
    private static final DataType BOOL = new DataType.Bool();
    private static final DataType UUID = new DataType.Uuid();
    private static final DataType CHAR = new DataType.Chars(true, 36);
    private static final DataType LOCAL = new DataType.DateTime(6);
    private static final DataType MOMENT = new DataType.Moment(6);
    private static final DataType TIME = new DataType.Time(3);
    private static final DataType TEXT = new DataType.Chars(false, 0);
    private static final DataType JSON = new DataType.Json(true);
    private static final DataType MOOD = new DataType.Choice(List.of("sad", "glad"));
    private static final String ONE = "0123abcd-4567-89ab-cdef-0123456789ab";

    @Test
    void whatMySqlHasLooksAsInPostgres() {
        assertThat(atPostgres(TINY, BOOL, 1L)).isEqualTo(true);
        assertThat(atPostgres(TINY, BOOL, 0L)).isEqualTo(false);
        assertThat(atPostgres(TINY, BOOL, null)).isNull();
        assertThat(atPostgres(CHAR, UUID, ONE)).isEqualTo(ONE);
        assertThat(atPostgres(LOCAL, MOMENT, "2024-02-29 23:59:59.120000"))
                .isEqualTo("2024-02-29 23:59:59.12+00");
        assertThat(atPostgres(MOMENT, MOMENT, "2024-02-29 23:59:59.000000+00"))
                .isEqualTo("2024-02-29 23:59:59+00");
        assertThat(atPostgres(LOCAL, LOCAL, "2024-02-29 23:59:00.000000"))
                .isEqualTo("2024-02-29 23:59:00");
        assertThat(atPostgres(TIME, TIME, "23:59:59.500")).isEqualTo("23:59:59.5");
        assertThat(atPostgres(TEXT, JSON, " {\"a\": [1.50, 1e400]} "))
                .isEqualTo(" {\"a\": [1.50, 1e400]} ");
        assertThat(atPostgres(MOOD, MOOD, "glad")).isEqualTo("glad");
        assertThat(atPostgres(TEXT, TEXT, "1")).isEqualTo("1");
    }

    @Test
    void whatPostgresHasLooksAsInMySql() {
        assertThat(atMySql(BOOL, TINY, true)).isEqualTo(1L);
        assertThat(atMySql(BOOL, TINY, false)).isEqualTo(0L);
        assertThat(atMySql(MOMENT, LOCAL, "2024-02-29 23:59:59.12+00"))
                .isEqualTo("2024-02-29 23:59:59.120000");
        assertThat(atMySql(MOMENT, MOMENT, "2024-02-29 23:59:59+00"))
                .isEqualTo("2024-02-29 23:59:59.000000+00");
        assertThat(atMySql(TIME, TIME, "24:00:00")).isEqualTo("24:00:00.000");
        // What MySQL does not have is left for the column to refuse.
        for (String other :
                List.of("infinity", "0044-03-15 00:00:00+00 BC", "12024-01-01 00:00:00+00")) {
            assertThat(atMySql(MOMENT, LOCAL, other)).isEqualTo(other);
        }
        assertThat(atMySql(TIME, TIME, "23:59:59.5001")).isEqualTo("23:59:59.5001");
    }

    @ParameterizedTest
    @CsvSource({
        "0123ABCD-4567-89AB-CDEF-0123456789AB",
        "0123abcd456789abcdef0123456789ab",
        "{0123abcd-4567-89ab-cdef-0123456789ab}",
        "0123-abcd-4567-89ab-cdef-0123-4567-89ab"
    })
    void aUuidIsTheSameInEveryFormButInAKey(String form) {
        assertThat(atPostgres(CHAR, UUID, form)).isEqualTo(ONE);
        refusedAtPostgres(UuidText.canonical(form).orElseThrow(), form, true, "small letters");
        OwnForms forms = forms(Engine.POSTGRESQL, Engine.MYSQL, UUID, CHAR);
        TableSchema table = schema(UUID.logicalType(), false);
        RowChange change = one(forms, new RowChange.Insert(table, Row.of(1L, ONE)));
        assertThat(forms.standing(change.table(), Row.of(1L, form)).get(1)).isEqualTo(ONE);
        assertThat(forms.standing(change.table(), Row.of(1L, "none")).get(1)).isEqualTo("none");
    }

    @Test
    void aValueThatHasNoPlaceIsRefusedWithTableKeyAndColumn() {
        refused(TINY, BOOL, 2L, "neither 0 nor 1");
        refused(TINY, BOOL, -1L, "neither 0 nor 1");
        refused(CHAR, UUID, "", "no UUID");
        refused(CHAR, UUID, "0123abcd-4567-89ab-cdef-0123456789a", "no UUID");
        refused(CHAR, UUID, "{0123abcd-4567-89ab-cdef-0123456789ab", "no UUID");
        refused(TEXT, JSON, "{\"a\": 1} 2", "not JSON");
        refused(TEXT, JSON, "", "not JSON");
        refused(TEXT, JSON, "{a: 1}", "not JSON");
        refused(MOOD, MOOD, "", "none of the labels");
    }

    @Test
    void whatIsGoneNeedHaveNoPlace() {
        OwnForms forms = forms(Engine.MYSQL, Engine.POSTGRESQL, TINY, BOOL);
        TableSchema table = schema(LogicalType.INTEGER, false);
        RowChange.Update mended =
                (RowChange.Update)
                        one(forms, new RowChange.Update(table, Row.of(1L, 2L), Row.of(1L, 1L)));
        assertThat(mended.before().isSent(1)).isFalse();
        assertThat(mended.after().get(1)).isEqualTo(true);
        RowChange.Delete deleted =
                (RowChange.Delete) one(forms, new RowChange.Delete(table, Row.of(1L, 2L)));
        assertThat(deleted.before().get(0)).isEqualTo(1L);
        RowChange.Update left =
                (RowChange.Update)
                        one(
                                forms,
                                new RowChange.Update(
                                        table, Row.of(1L, 1L), Row.of(1L, Row.NOT_SENT)));
        assertThat(left.after().isSent(1)).isFalse();
    }

    /** A flag that was read as the other engine's would be false whatever it is. */
    @Test
    void aRowIsLookedUpAtTheOtherSiteInItsOwnForms() {
        OwnForms forms = forms(Engine.MYSQL, Engine.POSTGRESQL, TINY, BOOL);
        TableSchema table = schema(LogicalType.INTEGER, false);
        TableSchema own = one(forms, new RowChange.Insert(table, Row.of(1L, 0L))).table();
        assertThat(own.columns().get(1).type()).isEqualTo(LogicalType.BOOLEAN);
        List<TableSchema> asked = new ArrayList<>();
        Found found =
                forms.found(
                        new TableSchema(own.table(), own.columns(), List.of(1)),
                        Row.of(1L, true),
                        (there, key) -> {
                            asked.add(there);
                            return new Found(Row.of(1L, 1L), new Lsn(7));
                        });
        assertThat(asked)
                .containsExactly(new TableSchema(table.table(), table.columns(), List.of(1)));
        assertThat(found.row()).isEqualTo(Row.of(1L, true));
    }

    @Test
    void betweenSitesOfOneEngineNothingIsTouched() {
        OwnForms forms = new OwnForms();
        TransactionPiece piece =
                piece(new RowChange.Insert(schema(LogicalType.TEXT, false), Row.of(1L, "x")));
        assertThat(forms.of(piece)).isSameAs(piece);
    }

    private static @Nullable Object atPostgres(
            DataType there, DataType here, @Nullable Object value) {
        return value(Engine.MYSQL, Engine.POSTGRESQL, there, here, value);
    }

    private static @Nullable Object atMySql(DataType there, DataType here, @Nullable Object value) {
        return value(Engine.POSTGRESQL, Engine.MYSQL, there, here, value);
    }

    private static @Nullable Object value(
            Engine from, Engine to, DataType there, DataType here, @Nullable Object value) {
        OwnForms forms = forms(from, to, there, here);
        TableSchema table = schema(there.logicalType(), false);
        RowChange.Insert change =
                (RowChange.Insert) one(forms, new RowChange.Insert(table, Row.of(1L, value)));
        assertThat(change.table().columns().get(1).type()).isEqualTo(here.logicalType());
        return change.after().get(1);
    }

    private static void refused(DataType there, DataType here, Object value, String reason) {
        OwnForms forms = forms(Engine.MYSQL, Engine.POSTGRESQL, there, here);
        TableSchema table = schema(there.logicalType(), false);
        assertThatThrownBy(() -> one(forms, new RowChange.Insert(table, Row.of(1L, value))))
                .isInstanceOfSatisfying(
                        RowRefusedException.class,
                        e -> {
                            assertThat(e.table()).isEqualTo(table.table());
                            assertThat(e.key()).isEqualTo("id=1");
                            assertThat(e).hasMessageContaining("the column held ");
                            assertThat(e).hasMessageContaining(reason);
                        });
    }

    private static void refusedAtPostgres(
            String canonical, String form, boolean key, String reason) {
        OwnForms forms = forms(Engine.MYSQL, Engine.POSTGRESQL, CHAR, UUID);
        TableSchema table = schema(LogicalType.TEXT, key);
        one(forms, new RowChange.Delete(table, Row.of(1L, canonical)));
        assertThatThrownBy(() -> one(forms, new RowChange.Delete(table, Row.of(1L, form))))
                .isInstanceOf(RowRefusedException.class)
                .hasMessageContaining(reason);
    }

    private static RowChange one(OwnForms forms, RowChange change) {
        return (RowChange) forms.of(piece(change)).changes().getFirst();
    }

    private static TransactionPiece piece(RowChange change) {
        return new TransactionPiece(true, Instant.EPOCH, List.of(change), Optional.empty());
    }

    private static TableSchema schema(LogicalType held, boolean key) {
        return new TableSchema(
                new TableId("public", "t"),
                List.of(new Column("id", LogicalType.INTEGER), new Column("held", held)),
                List.of(key ? 1 : 0));
    }

    private static OwnForms forms(Engine from, Engine to, DataType there, DataType here) {
        OwnForms forms = new OwnForms();
        forms.ofTwoEngines(() -> List.of(new OwnForms.Pair(table(from, there), table(to, here))));
        return forms;
    }

    private static TableDefinition table(Engine engine, DataType held) {
        return new TableDefinition(
                new TableId("public", "t"),
                engine,
                List.of(column("id", new DataType.Int(32, false)), column("held", held)),
                List.of("id"),
                List.of(),
                List.of("id"),
                RowIdentity.FULL,
                false,
                -1,
                -1);
    }

    private static ColumnDefinition column(String name, DataType type) {
        return new ColumnDefinition(
                name, type, "some type", false, null, null, Identity.NONE, null);
    }
}
