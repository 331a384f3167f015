package io.sluice.connectors.spi;

import io.sluice.change.Column;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A table as a database's catalog describes it.
 *
 * @param engine whose native types, defaults and expressions the columns have
 * @param primaryKey column names in key order; empty for none
 * @param uniqueKeys the other unique constraints, each by its column names in key order
 * @param replicaKey names of the columns by which the log identifies a changed row: the primary key
 *     or the index chosen as replica identity; empty where the whole row does
 * @param rowIdentity what the source's log says of a row that was changed or deleted
 * @param partitioned whether it is the root of partitions
 * @param estimatedRows by the database's statistics; -1 where it has none
 * @param estimatedBytes by the database's statistics; -1 where it has none
 */
public record TableDefinition(
        TableId table,
        Engine engine,
        List<ColumnDefinition> columns,
        List<String> primaryKey,
        List<List<String>> uniqueKeys,
        List<String> replicaKey,
        RowIdentity rowIdentity,
        boolean partitioned,
        long estimatedRows,
        long estimatedBytes) {

    /** What the log says of a changed row's former state. */
    public enum RowIdentity {
        /** The key's values. */
        KEY,
        /** All values. */
        FULL,
        /** Nothing: the source can only insert as long as the table is published. */
        NOTHING
    }

    public TableDefinition {
        columns = List.copyOf(columns);
        primaryKey = List.copyOf(primaryKey);
        uniqueKeys = uniqueKeys.stream().map(List::copyOf).toList();
        replicaKey = List.copyOf(replicaKey);
    }

    /** The columns that changes and copies carry, with the positions that identify a row. */
    public TableSchema schema() {
        List<Column> carried = new ArrayList<>();
        List<Integer> key = new ArrayList<>();
        for (ColumnDefinition column : columns) {
            if (column.isReplicated()) {
                if (replicaKey.contains(column.name())) {
                    key.add(carried.size());
                }
                carried.add(new Column(column.name(), column.type()));
            }
        }
        return new TableSchema(table, carried, key);
    }

    /**
     * The table as it is created before its rows: with its primary key, and of the others with
     * those alone that rows are found by or that a numbered column has to lead. The others are made
     * after the rows, at once.
     */
    public TableDefinition bare() {
        return new TableDefinition(
                table,
                engine,
                columns,
                primaryKey,
                uniqueKeys.stream().filter(this::isNeededBare).toList(),
                replicaKey,
                rowIdentity,
                partitioned,
                estimatedRows,
                estimatedBytes);
    }

    private boolean isNeededBare(List<String> key) {
        return Set.copyOf(key).equals(Set.copyOf(replicaKey))
                || (isNumbered(key.getFirst())
                        && (primaryKey.isEmpty() || !primaryKey.getFirst().equals(key.getFirst())));
    }

    private boolean isNumbered(String column) {
        return columns.stream()
                .filter(c -> c.name().equals(column))
                .anyMatch(c -> c.identity() != ColumnDefinition.Identity.NONE);
    }
}
