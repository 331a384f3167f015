package io.sluice.gateway.pipeline;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.Engine;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TableDefinition.RowIdentity;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A table's definition with one column as it was at some place in the log. Pure. */
final class AlteredDefinition {

    private AlteredDefinition() {}

    /**
     * @param now what the catalog says, which may be of a later day; null if it has the table no
     *     more
     */
    static TableDefinition with(
            TableId table, @Nullable TableDefinition now, ColumnDefinition column) {
        if (now == null) {
            return new TableDefinition(
                    table,
                    Engine.MYSQL,
                    List.of(column),
                    List.of(),
                    List.of(),
                    List.of(),
                    RowIdentity.FULL,
                    false,
                    -1,
                    -1);
        }
        List<ColumnDefinition> columns = new ArrayList<>();
        ColumnDefinition placed = column;
        for (ColumnDefinition other : now.columns()) {
            if (other.name().equals(column.name())) {
                placed =
                        other.nativeType().equals(column.nativeType())
                                ? details(column, other)
                                : column;
            } else {
                columns.add(other);
            }
        }
        columns.add(placed);
        return of(now, columns);
    }

    /** The table with some of its columns. */
    static TableDefinition only(TableDefinition table, Predicate<String> names) {
        return of(
                table,
                table.columns().stream().filter(column -> names.test(column.name())).toList());
    }

    private static TableDefinition of(TableDefinition table, List<ColumnDefinition> columns) {
        return new TableDefinition(
                table.table(),
                table.engine(),
                columns,
                table.primaryKey(),
                table.uniqueKeys(),
                table.replicaKey(),
                table.rowIdentity(),
                table.partitioned(),
                table.estimatedRows(),
                table.estimatedBytes());
    }

    /** What the catalog knows besides, of a column that is still of that type. */
    private static ColumnDefinition details(ColumnDefinition column, ColumnDefinition now) {
        return new ColumnDefinition(
                column.name(),
                column.dataType(),
                column.nativeType(),
                column.notNull(),
                now.defaultExpression(),
                null,
                now.identity(),
                now.collation());
    }
}
