package io.sluice.connectors.spi;

import io.sluice.change.TableId;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * How far a table is read by its cursor. It lies in the target and is written in the transaction of
 * the rows that it covers.
 *
 * @param table on the target
 * @param order the cursor's column, then the key's: what the position's values are of
 * @param position a bound as {@link KeyRange} has it: every row up to there is on the target, those
 *     of transactions that were still running included; empty before there is one
 * @param sweptAt when the last sweep for deletes began that came through, by the gateway's clock;
 *     before the first, when the table was begun
 */
public record TableCursor(
        TableId table, List<String> order, List<Object> position, Instant sweptAt) {

    public TableCursor {
        Objects.requireNonNull(table);
        Objects.requireNonNull(sweptAt);
        order = List.copyOf(order);
        position = List.copyOf(position);
        if (order.isEmpty() || position.size() > order.size()) {
            throw new IllegalArgumentException(table + ": a position has a value for each column");
        }
    }

    public TableCursor at(List<Object> newPosition) {
        return new TableCursor(table, order, newPosition, sweptAt);
    }

    public TableCursor swept(Instant began) {
        return new TableCursor(table, order, position, began);
    }
}
