package io.sluice.connectors.mysql;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.ColumnDefinition.Identity;
import io.sluice.connectors.spi.ColumnStep;
import io.sluice.connectors.spi.TableDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;

/**
 * From a table's definition to the statement that creates it. Pure.
 *
 * <p>A partitioned table becomes a plain one. {@code ON UPDATE CURRENT_TIMESTAMP} is left out: the
 * rows bring the source's moments along.
 */
final class MySqlDdl {

    private MySqlDdl() {}

    static String createTable(TableDefinition table) {
        StringJoiner parts = new StringJoiner(",\n  ", "(\n  ", "\n)");
        for (ColumnDefinition column : table.columns()) {
            parts.add(column(column));
        }
        List<List<String>> keys = new ArrayList<>();
        if (!table.primaryKey().isEmpty()) {
            parts.add("PRIMARY KEY (" + Sql.identifiers(table.primaryKey()) + ")");
            keys.add(table.primaryKey());
        }
        for (List<String> key : table.uniqueKeys()) {
            if (!keys.contains(key)) {
                parts.add("UNIQUE KEY (" + Sql.identifiers(key) + ")");
                keys.add(key);
            }
        }
        for (ColumnDefinition column : table.columns()) {
            // The server wants a numbered column to lead an index.
            if (column.identity() != Identity.NONE
                    && keys.stream().noneMatch(key -> key.getFirst().equals(column.name()))) {
                parts.add("KEY (" + Sql.identifier(column.name()) + ")");
            }
        }
        return "CREATE TABLE IF NOT EXISTS "
                + Sql.table(table.table())
                + " "
                + parts
                + " ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4";
    }

    static String alterTable(TableId table, ColumnStep step) {
        return "ALTER TABLE "
                + Sql.table(table)
                + switch (step) {
                    case ColumnStep.Add add -> " ADD COLUMN " + column(add.column());
                    case ColumnStep.Drop drop -> " DROP COLUMN " + Sql.identifier(drop.column());
                    case ColumnStep.Rename rename ->
                            " RENAME COLUMN %s TO %s"
                                    .formatted(
                                            Sql.identifier(rename.from()),
                                            Sql.identifier(rename.to()));
                    case ColumnStep.Retype retype -> " MODIFY " + column(retype.column());
                };
    }

    private static String column(ColumnDefinition column) {
        StringBuilder text = new StringBuilder(Sql.identifier(column.name()));
        text.append(' ').append(column.nativeType());
        if (column.collation() != null) {
            text.append(" COLLATE ").append(column.collation());
        }
        if (column.generated() != null) {
            text.append(" GENERATED ALWAYS AS ").append(column.generated());
        }
        text.append(column.notNull() ? " NOT NULL" : " NULL");
        if (column.generated() == null) {
            if (column.identity() != Identity.NONE) {
                text.append(" AUTO_INCREMENT");
            } else if (column.defaultExpression() != null) {
                text.append(" DEFAULT ").append(column.defaultExpression());
            }
        }
        return text.toString();
    }
}
