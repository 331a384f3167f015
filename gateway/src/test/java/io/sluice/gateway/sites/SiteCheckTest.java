package io.sluice.gateway.sites;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.TableId;
import io.sluice.conflict.PolicyCatalog;
import io.sluice.conflict.PolicySpec;
import io.sluice.conflict.TableChoice;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.ColumnDefinition.Identity;
import io.sluice.connectors.spi.DataType;
import io.sluice.connectors.spi.Engine;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TableDefinition.RowIdentity;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which policies a table can have, by its columns and by how many sites there are. */
class SiteCheckTest {

    private static final Set<String> TWO = Set.of("east", "west");
    private static final Set<String> THREE = Set.of("east", "west", "north");

    @Test
    void whatCountsVersionsOrTellsTheirTimesDecides() {
        for (DataType type :
                List.of(
                        new DataType.Int(64, true),
                        new DataType.Decimal(10, 2, false),
                        new DataType.DateTime(6),
                        new DataType.Moment(3),
                        new DataType.Date())) {
            assertThat(problems(type, version("v"), THREE)).as(type.toString()).isEmpty();
        }
        for (DataType type :
                List.of(
                        new DataType.Chars(false, 10),
                        new DataType.Uuid(),
                        new DataType.Time(6),
                        new DataType.Json(false))) {
            assertThat(problems(type, version("v"), THREE))
                    .as(type.toString())
                    .containsExactly(
                            "`version-column` compares its values, and those of some type have no order that is the same at every site.");
        }
        assertThat(problems(new DataType.Bool(), version("v"), TWO))
                .singleElement()
                .asString()
                .endsWith("needs a number or a time, and `v` is none");
        assertThat(problems(new DataType.Date(), version("changed"), TWO))
                .singleElement()
                .asString()
                .endsWith("is by `changed`, which is not among its columns");
    }

    @Test
    void documentsAreNotCompared() {
        PolicySpec text = new PolicySpec("max", Map.of("as", "text"));
        TableChoice column =
                new TableChoice(TableChoice.DEFAULT, Map.of(), Map.of(List.of("v"), text));
        TableChoice row =
                TableChoice.of(new PolicySpec("min", Map.of("column", "v", "as", "text")));
        TableChoice otherwise =
                TableChoice.of(
                        new PolicySpec(
                                "column-merge",
                                Map.of("otherwise", Map.of("max", Map.of("as", "text")))));
        for (TableChoice choice : List.of(column, row, otherwise)) {
            assertThat(problems(new DataType.Json(true), choice, TWO)).hasSize(1);
            assertThat(problems(new DataType.Chars(false, 10), choice, TWO)).isEmpty();
        }
    }

    @Test
    void whatLeavesSitesDifferentIsRefusedUnlessThatIsSaid() {
        for (String policy : List.of("keep-local", "apply-remote")) {
            TableChoice choice = TableChoice.of(PolicySpec.of(policy));
            assertThat(findings(new DataType.Date(), choice, TWO, false))
                    .singleElement()
                    .satisfies(f -> assertThat(f.severity()).isEqualTo(Finding.Severity.BLOCKS))
                    .satisfies(f -> assertThat(f.remedy()).contains("allowDivergence"));
            assertThat(findings(new DataType.Date(), choice, TWO, true))
                    .singleElement()
                    .satisfies(f -> assertThat(f.severity()).isEqualTo(Finding.Severity.WARNS));
        }
    }

    @Test
    void severalColumnsAreDecidedTogetherHoweverManySites() {
        PolicySpec max = new PolicySpec("max", Map.of("column", "v"));
        TableChoice choice =
                new TableChoice(TableChoice.DEFAULT, Map.of(), Map.of(List.of("v", "w"), max));

        assertThat(problems(new DataType.Int(32, false), choice, THREE)).isEmpty();
        TableChoice first = TableChoice.of(PolicySpec.of("first-update-wins"));
        assertThat(problems(new DataType.Int(32, false), first, TWO)).isEmpty();
        assertThat(problems(new DataType.Int(32, false), first, THREE))
                .contains("`first-update-wins` is for two sites in this version.");
    }

    private static TableChoice version(String column) {
        return TableChoice.of(new PolicySpec("version-column", Map.of("column", column)));
    }

    /** Of a table with a column {@code v} of the type. */
    private static List<String> problems(DataType type, TableChoice choice, Set<String> sites) {
        return findings(type, choice, sites, false).stream().map(Finding::problem).toList();
    }

    private static List<Finding> findings(
            DataType type, TableChoice choice, Set<String> sites, boolean mayDiverge) {
        TableDefinition table =
                new TableDefinition(
                        new TableId("shop", "t"),
                        Engine.POSTGRESQL,
                        List.of(
                                column("id", new DataType.Int(32, false)),
                                column("v", type),
                                column("w", new DataType.Chars(false, 0))),
                        List.of("id"),
                        List.of(),
                        List.of("id"),
                        RowIdentity.FULL,
                        false,
                        -1,
                        -1);
        return new SiteCheck(PolicyCatalog.installed(), id -> choice, sites, mayDiverge)
                .findings(List.of(table));
    }

    private static ColumnDefinition column(String name, DataType type) {
        return new ColumnDefinition(name, type, "some type", true, null, null, Identity.NONE, null);
    }
}
