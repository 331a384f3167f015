package io.sluice.gateway.sites;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.ColumnDefinition.Identity;
import io.sluice.connectors.spi.DataType;
import io.sluice.connectors.spi.Engine;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TableDefinition.RowIdentity;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class KeyFormsTest {

    private static final String EXACT = "utf8mb4_0900_bin";

    @Test
    void keysThatLookTheSameInBothLogsAreFine() {
        accepted(new DataType.Int(32, false), new DataType.Int(64, false));
        accepted(new DataType.Decimal(12, 2, false), new DataType.Decimal(10, 2, false));
        accepted(new DataType.Date(), new DataType.Date());
        accepted(new DataType.Binary(false, 0), new DataType.Binary(false, 16));
        accepted(new DataType.Choice(List.of("a")), new DataType.Choice(List.of("a", "b")));
        accepted(new DataType.Uuid(), new DataType.Chars(true, 36));
        accepted(new DataType.Uuid(), new DataType.Chars(false, 36));
        assertThat(
                        between(
                                Engine.POSTGRESQL,
                                new DataType.Uuid(),
                                null,
                                Engine.POSTGRESQL,
                                new DataType.Uuid(),
                                null))
                .isEmpty();
        assertThat(
                        between(
                                Engine.MYSQL,
                                new DataType.DateTime(3),
                                null,
                                Engine.MYSQL,
                                new DataType.DateTime(3),
                                null))
                .isEmpty();
    }

    @Test
    void keysOfOneValueAndTwoLooksAreRefused() {
        refused(new DataType.Bool(), new DataType.Int(8, false));
        refused(new DataType.Uuid(), new DataType.Chars(true, 37));
        refused(new DataType.Uuid(), new DataType.Binary(true, 16));
        refused(new DataType.Chars(true, 36), new DataType.Chars(true, 36));
        refused(new DataType.Int(64, false), new DataType.Int(64, true));
        refused(new DataType.Int(32, false), new DataType.Decimal(10, 0, false));
        refused(new DataType.Decimal(12, 2, false), new DataType.Decimal(12, 3, false));
        refused(new DataType.DateTime(6), new DataType.DateTime(6));
        refused(new DataType.Moment(6), new DataType.DateTime(6));
        assertThat(
                        between(
                                Engine.MYSQL,
                                new DataType.DateTime(3),
                                null,
                                Engine.MYSQL,
                                new DataType.DateTime(6),
                                null))
                .isNotEmpty();
    }

    @Test
    void textsAreComparedByTheirCharactersAtBothSites() {
        DataType text = new DataType.Chars(false, 20);
        assertThat(between(Engine.POSTGRESQL, text, null, Engine.MYSQL, text, EXACT)).isEmpty();
        for (String other : List.of("utf8mb4_0900_ai_ci", "utf8mb4_bin", "ascii_bin")) {
            assertThat(between(Engine.POSTGRESQL, text, null, Engine.MYSQL, text, other))
                    .singleElement()
                    .satisfies(finding -> assertThat(finding.remedy()).contains(EXACT));
        }
        assertThat(KeyForms.unfit(column(text, "pg_catalog.\"C\""))).isEmpty();
        assertThat(KeyForms.unfit(column(text, "public.nocase"))).isPresent();
        assertThat(KeyForms.unfit(column(new DataType.Chars(true, 20), EXACT))).isPresent();
    }

    /** Two of MySQL's texts are one UUID, and a copy would bring either. */
    @Test
    void uuidsOfMySqlAreNotCopiedAsKeys() {
        TableDefinition mysql =
                table(Engine.MYSQL, List.of("id"), column(new DataType.Chars(true, 36), EXACT));
        TableDefinition postgres =
                table(Engine.POSTGRESQL, List.of("id"), column(new DataType.Uuid(), null));
        assertThat(new KeyForms(tables -> List.of(postgres), true).findings(List.of(mysql)))
                .singleElement()
                .satisfies(finding -> assertThat(finding.remedy()).contains("first in `between`"));
        assertThat(new KeyForms(tables -> List.of(mysql), true).findings(List.of(postgres)))
                .isEmpty();
    }

    @Test
    void bothSitesKnowARowByTheSameColumns() {
        TableDefinition here =
                table(Engine.POSTGRESQL, List.of("id"), column(new DataType.Int(32, false), null));
        TableDefinition there =
                table(Engine.MYSQL, List.of("id", "n"), column(new DataType.Int(32, false), null));
        assertThat(new KeyForms(tables -> List.of(there), false).findings(List.of(here)))
                .singleElement()
                .satisfies(f -> assertThat(f.severity()).isEqualTo(Finding.Severity.BLOCKS));
    }

    private static void accepted(DataType postgres, DataType mysql) {
        assertThat(between(Engine.POSTGRESQL, postgres, null, Engine.MYSQL, mysql, null)).isEmpty();
        assertThat(between(Engine.MYSQL, mysql, null, Engine.POSTGRESQL, postgres, null)).isEmpty();
    }

    private static void refused(DataType postgres, DataType mysql) {
        assertThat(between(Engine.POSTGRESQL, postgres, null, Engine.MYSQL, mysql, null))
                .singleElement()
                .satisfies(f -> assertThat(f.severity()).isEqualTo(Finding.Severity.BLOCKS));
        assertThat(between(Engine.MYSQL, mysql, null, Engine.POSTGRESQL, postgres, null))
                .isNotEmpty();
    }

    private static List<Finding> between(
            Engine engine,
            DataType type,
            @Nullable String collation,
            Engine otherEngine,
            DataType otherType,
            @Nullable String otherCollation) {
        TableDefinition here = table(engine, List.of("id"), column(type, collation));
        TableDefinition there =
                table(otherEngine, List.of("id"), column(otherType, otherCollation));
        return new KeyForms(tables -> List.of(there), false).findings(List.of(here));
    }

    private static ColumnDefinition column(DataType type, @Nullable String collation) {
        return new ColumnDefinition(
                "id", type, "some type", true, null, null, Identity.NONE, collation);
    }

    private static TableDefinition table(Engine engine, List<String> key, ColumnDefinition column) {
        return new TableDefinition(
                new TableId("shop", "t"),
                engine,
                List.of(column),
                key,
                List.of(),
                key,
                RowIdentity.FULL,
                false,
                -1,
                -1);
    }
}
