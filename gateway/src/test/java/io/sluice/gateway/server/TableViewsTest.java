package io.sluice.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.TableId;
import io.sluice.gateway.pipeline.TableStatus;
import io.sluice.gateway.snapshot.TableProgress;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TableViewsTest {

    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private final List<TableStatus> shop =
            List.of(
                    table("orders", new TableProgress(50, 100, 1, 2), 3, NOON),
                    table("Item", new TableProgress(7, 7, 1, 1), 9, NOON.plusSeconds(5)),
                    table("order_line", new TableProgress(0, 400, 0, 4), 0, null),
                    table("log", null, 0, null));

    private static TableStatus table(
            String name, @Nullable TableProgress copy, long inserts, @Nullable Instant last) {
        TableId id = new TableId("public", name);
        return new TableStatus(id, id, copy, inserts, 0, 0, 0, last);
    }

    private static TableViews.Tables ask(
            List<TableStatus> all, String part, String order, long offset, long limit) {
        return TableViews.tables(
                all, new TableViews.Question(part, TableViews.order(order), offset, limit));
    }

    private List<String> names(String order) {
        return ask(shop, "", order, 0, 100).tables().stream()
                .map(table -> table.table().replace("public.", ""))
                .toList();
    }

    @Test
    void whatIsLookedForComesFirst() {
        assertThat(names("name")).containsExactly("Item", "log", "order_line", "orders");
        assertThat(names("copy")).containsExactly("order_line", "orders", "Item", "log");
        assertThat(names("changes")).containsExactly("Item", "orders", "log", "order_line");
        assertThat(names("last-change")).containsExactly("Item", "orders", "log", "order_line");
    }

    @Test
    void aCopyIsWaitedForUnderWayOrDone() {
        List<TableViews.Table> tables = ask(shop, "", "copy", 0, 100).tables();
        assertThat(tables.get(0).copy())
                .isEqualTo(new TableViews.TableCopied("waiting", 0, 400, 0, 4));
        assertThat(tables.get(1).copy())
                .isEqualTo(new TableViews.TableCopied("copying", 50, 100, 1, 2));
        assertThat(tables.get(2).copy())
                .isEqualTo(new TableViews.TableCopied("copied", 7, 7, 1, 1));
        assertThat(tables.get(3).copy()).isNull();
        assertThat(tables.get(3).lastChange()).isNull();
        assertThat(tables.get(1).lastChange()).isEqualTo("2026-01-01T12:00:00Z");
    }

    @Test
    void aPageOfManyTablesIsThoseThatWereAskedFor() {
        List<TableStatus> many =
                IntStream.range(0, 10_000)
                        .mapToObj(n -> table("t%05d".formatted(n), null, n, NOON))
                        .toList();
        TableViews.Tables page = ask(many, "T0", "changes", 20, 3);
        assertThat(page.total()).isEqualTo(10_000);
        assertThat(page.matching()).isEqualTo(10_000);
        assertThat(page.tables())
                .extracting(TableViews.Table::table)
                .containsExactly("public.t09979", "public.t09978", "public.t09977");
        assertThat(ask(many, "t0999", "name", 0, 100).matching()).isEqualTo(10);
        assertThat(ask(many, "none", "name", 0, 100).tables()).isEmpty();
        assertThat(ask(many, "", "name", 9_999, 100).tables()).hasSize(1);
    }
}
