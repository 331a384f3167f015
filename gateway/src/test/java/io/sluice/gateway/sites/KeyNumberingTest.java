package io.sluice.gateway.sites;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.Engine;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.Finding.Severity;
import io.sluice.connectors.spi.RowNumbers;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TableDefinition.RowIdentity;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class KeyNumberingTest {

    private static final List<String> SITES = List.of("east", "west", "south");
    private static final TableId TABLE = new TableId("public", "t");
    private static final TableId THERE = new TableId("shop", "t");
    private static final long END = Long.MAX_VALUE;

    @Test
    void oneAfterTheOtherAtBothSitesMeets() {
        assertThat(between(counted(1, 17), counted(1, 1)))
                .singleElement()
                .satisfies(
                        finding -> {
                            assertThat(finding.severity()).isEqualTo(Severity.WARNS);
                            assertThat(finding.subject()).isEqualTo("public.t.id");
                            assertThat(finding.problem())
                                    .contains(
                                            "east from 17 in steps of 1",
                                            "west from 1 in steps of 1",
                                            "can get one key, and one of them overwrites");
                            assertThat(finding.remedy())
                                    .contains(
                                            "at east (remainder 1) BY 3 FOR 1;",
                                            "at west (remainder 2) BY 3 FOR 2.",
                                            "UUID")
                                    .doesNotContain("GRANT");
                        });
    }

    @Test
    void remaindersByWhatBothStepsShareKeepThemApart() {
        apart(counted(2, 1), counted(2, 100));
        apart(counted(2, 1), counted(4, 100));
        apart(counted(4, 1), counted(6, 2));
        apart(counted(-2, 1001), counted(2, 100));
        meeting(counted(2, 1), counted(2, 101));
        meeting(counted(2, 1), counted(3, 2));
        meeting(counted(4, 1), counted(6, 3));
        meeting(counted(-2, 1001), counted(2, 101));
        meeting(counted(2, 2), counted(1, 1));
    }

    @Test
    void rangesThatDoNotOverlapKeepThemApart() {
        apart(in(1, 1, 1, 999, false), in(1, 1000, 1000, END, false));
        apart(in(1, 5000, 1, END, false), in(1, 7, 1, 4999, false));
        apart(in(-1, -1, -END, -1, false), counted(1, 1));
        meeting(in(1, 5000, 1, END, false), in(1, 7, 1, 5000, false));
        // What comes again at the end is what is behind it.
        meeting(in(1, 5000, 1, END, true), in(1, 7, 1, 4999, false));
        meeting(in(-1, 0, -END, 0, false), in(1, 0, 0, END, false));
    }

    @Test
    void whatBeginsAnewHasTheRemainderOfItsBeginningToo() {
        apart(in(2, 8, 2, 100, true), counted(2, 1));
        meeting(in(2, 8, 1, 100, true), counted(2, 1));
        meeting(in(-2, 8, 1, 99, true), counted(2, 1));
        apart(in(-2, 8, 1, 100, true), counted(2, 1));
    }

    @Test
    void whatCannotBeSeenIsSaid() {
        assertThat(between(hidden(2), counted(2, 1)))
                .singleElement()
                .satisfies(
                        finding -> {
                            assertThat(finding.problem())
                                    .contains("in steps of 2 from where", "cannot be told");
                            assertThat(finding.remedy()).contains("GRANT SELECT");
                        });
        assertThat(between(hidden(1), counted(2, 1)))
                .singleElement()
                .satisfies(finding -> assertThat(finding.remedy()).doesNotContain("GRANT"));
        apart(hidden(1), in(1, -9, -END, 0, false));
    }

    @Test
    void aColumnThatOneSiteAloneNumbersIsTheApplications() {
        assertThat(findings(List.of(counted(1, 1)), List.of())).isEmpty();
        assertThat(findings(List.of(), List.of(counted(1, 1)))).isEmpty();
        assertThat(findings(List.of(counted(1, 1)), List.of(column("other", 1, 1)))).isEmpty();
    }

    @Test
    void aKeyIsApartWhereOneOfItsColumnsIs() {
        List<RowNumbers> here = List.of(counted(1, 1), column("n", 2, 1), column("u", 1, 1));
        List<RowNumbers> there = List.of(counted(1, 1), column("n", 2, 2), column("u", 1, 1));
        TableDefinition keyed = table(List.of("id", "n"), List.of(List.of("u"), List.of("v")));

        assertThat(findings(keyed, here, there))
                .singleElement()
                .satisfies(
                        finding -> {
                            assertThat(finding.subject()).isEqualTo("public.t.u");
                            assertThat(finding.problem()).contains("replication stops");
                        });
        assertThat(findings(table(List.of("id", "v"), List.of()), here, there))
                .singleElement()
                .satisfies(
                        finding ->
                                assertThat(finding.problem())
                                        .contains("where the rest of it is equal"));
        assertThat(findings(table(List.of("v"), List.of()), here, there)).isEmpty();
    }

    @Test
    void twoSitesAreComparedFromOneOfThemAlone() {
        TableDefinition keyed = table(List.of("id"), List.of());
        List<RowNumbers> numbers = List.of(counted(1, 1));
        KeyNumbering back =
                new KeyNumbering(
                        SITES, "west", "east", tables -> tables, tables -> List.copyOf(numbers));
        assertThat(back.findings(tables -> numbers, List.of(keyed))).isEmpty();
    }

    private static void apart(RowNumbers one, RowNumbers other) {
        assertThat(between(one, other)).isEmpty();
        assertThat(between(other, one)).isEmpty();
    }

    private static void meeting(RowNumbers one, RowNumbers other) {
        assertThat(between(one, other)).hasSize(1);
        assertThat(between(other, one)).hasSize(1);
    }

    private static List<Finding> between(RowNumbers here, RowNumbers there) {
        return findings(List.of(here), List.of(there));
    }

    private static List<Finding> findings(List<RowNumbers> here, List<RowNumbers> there) {
        return findings(table(List.of("id"), List.of()), here, there);
    }

    /** The other site has the table under another name. */
    private static List<Finding> findings(
            TableDefinition table, List<RowNumbers> here, List<RowNumbers> there) {
        return new KeyNumbering(
                        SITES,
                        "east",
                        "west",
                        tables -> tables.stream().map(each -> named(each, THERE)).toList(),
                        tables -> of(tables, there))
                .findings(tables -> of(tables, here), List.of(table));
    }

    /** The numbers of the one table that is asked about. */
    private static List<RowNumbers> of(List<TableDefinition> tables, List<RowNumbers> numbers) {
        return tables.stream()
                .flatMap(table -> numbers.stream().map(each -> of(table.table(), each)))
                .toList();
    }

    private static RowNumbers of(TableId table, RowNumbers numbers) {
        return new RowNumbers(
                table,
                numbers.column(),
                numbers.step(),
                numbers.next(),
                numbers.min(),
                numbers.max(),
                numbers.cycles(),
                numbers.remedy());
    }

    private static RowNumbers counted(long step, long next) {
        return column("id", step, next);
    }

    private static RowNumbers column(String name, long step, long next) {
        return of(name, step, OptionalLong.of(next), step > 0 ? 1 : -END, END);
    }

    private static RowNumbers hidden(long step) {
        return of("id", step, OptionalLong.empty(), 1, END);
    }

    private static RowNumbers of(String name, long step, OptionalLong next, long min, long max) {
        return new RowNumbers(TABLE, name, step, next, min, max, false, "BY <step> FOR <site>");
    }

    private static RowNumbers in(long step, long next, long min, long max, boolean cycles) {
        return new RowNumbers(TABLE, "id", step, OptionalLong.of(next), min, max, cycles, "");
    }

    private static TableDefinition table(List<String> key, List<List<String>> uniqueKeys) {
        return new TableDefinition(
                TABLE,
                Engine.POSTGRESQL,
                List.of(),
                key,
                uniqueKeys,
                key,
                RowIdentity.FULL,
                false,
                -1,
                -1);
    }

    private static TableDefinition named(TableDefinition table, TableId name) {
        return new TableDefinition(
                name,
                table.engine(),
                table.columns(),
                table.primaryKey(),
                table.uniqueKeys(),
                table.replicaKey(),
                table.rowIdentity(),
                table.partitioned(),
                table.estimatedRows(),
                table.estimatedBytes());
    }
}
