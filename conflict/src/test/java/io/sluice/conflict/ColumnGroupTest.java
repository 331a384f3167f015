package io.sluice.conflict;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.Column;
import io.sluice.change.LogicalType;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import java.util.List;
import org.junit.jupiter.api.Test;

class ColumnGroupTest {

    private static final MergePolicy LAST =
            PolicyCatalog.installed().create(PolicySpec.of("last-update-wins"));

    private static ColumnGroup group(String first, String second) {
        TableSchema table =
                new TableSchema(
                        new TableId("public", "house"),
                        List.of(
                                new Column("id", LogicalType.INTEGER),
                                new Column(first, LogicalType.TEXT),
                                new Column(second, LogicalType.TEXT)),
                        List.of(0));
        return ColumnGroup.of(table, List.of(1, 2), LAST);
    }

    /** Else one site's versions would be none to another, whose table has them in another order. */
    @Test
    void itsVersionIsKeptUnderTheSameNameInWhateverOrderTheColumnsAre() {
        assertThat(group("street", "zip").name()).isEqualTo(group("zip", "street").name());
    }

    /** An element of a value may hold any sign. */
    @Test
    void whatTellsWhenItWasDecidedIsNoElement() {
        ColumnGroup group = group("street", "zip");

        assertThat(ColumnGroup.isDecided(group.decided())).isTrue();
        assertThat(ColumnGroup.isDecided(group.mark("a\u001f"))).isFalse();
        assertThat(ColumnGroup.isDecided(group.mark("a"))).isFalse();
        assertThat(ColumnGroup.isDecided(group.mark(""))).isFalse();
        assertThat(ColumnGroup.isDecided(group.name())).isFalse();
        assertThat(ColumnGroup.ofDecided(group.decided())).isEqualTo(group.name());
    }
}
