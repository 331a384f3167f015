package io.sluice.connectors.mysql;

import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.DataType;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TableReader.Digested;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Rows as a number of 56 bits each, whose sum does not depend on their order. What PostgreSQL makes
 * of the same texts is the same number. Pure.
 */
final class RowSums {

    private RowSums() {}

    static String sum(TableDefinition table, List<Digested> columns) {
        String row =
                columns.stream()
                        .map(column -> marked(text(table, column)))
                        .collect(Collectors.joining(", "));
        return ("COALESCE(SUM(CAST(CONV(LEFT(SHA2(CONCAT('', %s), 256), 14), 16, 10) AS UNSIGNED)),"
                        + " 0)")
                .formatted(row.isEmpty() ? "''" : row);
    }

    /** With its length, so that no two rows of texts are the same in a row. */
    private static String marked(String text) {
        return "COALESCE(CONCAT(CHAR_LENGTH(%1$s), ':', %1$s), '-')".formatted(text);
    }

    private static String text(TableDefinition table, Digested digested) {
        ColumnDefinition column = KeyRangeSql.column(table, digested.column());
        String name = Sql.identifier(column.name());
        return switch (digested.form()) {
            case OWN -> own(column, name);
            case NUMBER -> "CAST(%s AS CHAR)".formatted(name);
            case TEXT -> "CONVERT(%s USING utf8mb4)".formatted(name);
            case DATE -> "DATE_FORMAT(%s, '%%Y-%%m-%%d')".formatted(name);
            case TIME -> "DATE_FORMAT(%s, '%%Y-%%m-%%d %%H:%%i:%%s.%%f')".formatted(name);
            case BYTES -> "SHA2(%s, 256)".formatted(name);
        };
    }

    private static String own(ColumnDefinition column, String name) {
        return switch (column.dataType()) {
            case DataType.Binary binary -> "SHA2(%s, 256)".formatted(name);
            case DataType.Geometry geometry -> "SHA2(%s, 256)".formatted(name);
            case DataType.Native other -> "SHA2(%s, 256)".formatted(name);
            case DataType.Bits bits -> "HEX(%s)".formatted(name);
            case DataType.Floating floating -> "CAST(%s + 0e0 AS CHAR)".formatted(name);
            case DataType.Chars chars -> "CONVERT(%s USING utf8mb4)".formatted(name);
            default -> "CAST(%s AS CHAR)".formatted(name);
        };
    }
}
