package io.sluice.gateway.apply;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.Change;
import io.sluice.change.Column;
import io.sluice.change.LogicalType;
import io.sluice.change.Row;
import io.sluice.change.RowChange.Update;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import java.util.List;
import org.junit.jupiter.api.Test;

class TradingTablesTest {

    private static final TableSchema SEATS = table("seats");
    private static final TableSchema OTHERS = table("others");

    private final TradingTables trading = new TradingTables();

    @Test
    void aTableWhoseSetIsRefusedIsWrittenChangeByChangeForAWhile() {
        assertThat(isRefused(SEATS)).as("is written otherwise").isTrue();
        for (int set = 0; set < TradingTables.SETS; set++) {
            assertThat(isApart(SEATS)).isTrue();
            trading.written(changes(SEATS));
        }
        assertThat(isApart(SEATS)).isFalse();
    }

    @Test
    void whatIsRefusedChangeByChangeTooIsFoldedAgain() {
        assertThat(isRefused(SEATS)).isTrue();
        assertThat(isRefused(SEATS)).isFalse();
        assertThat(isApart(SEATS)).isFalse();
    }

    @Test
    void onlySetsOfSeveralChangesThatTheTableIsInCount() {
        assertThat(isRefused(SEATS)).isTrue();
        for (int set = 0; set < TradingTables.SETS; set++) {
            trading.written(changes(SEATS).subList(0, 1));
            trading.written(changes(OTHERS));
        }
        assertThat(isApart(SEATS)).isTrue();
    }

    private boolean isRefused(TableSchema table) {
        trading.begins(trading.plan(changes(table)).getFirst());
        return trading.refused();
    }

    private boolean isApart(TableSchema table) {
        return trading.plan(changes(table)).size() > 1;
    }

    private static List<Change> changes(TableSchema table) {
        return List.of(
                new Update(table, Row.of(1L, "a"), Row.of(1L, "b")),
                new Update(table, Row.of(2L, "b"), Row.of(2L, "a")));
    }

    private static TableSchema table(String name) {
        return new TableSchema(
                new TableId("public", name),
                List.of(
                        new Column("id", LogicalType.INTEGER),
                        new Column("seat", LogicalType.TEXT)),
                List.of(0));
    }
}
