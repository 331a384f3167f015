package io.sluice.connectors.mysql;

import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.KeyRange;
import io.sluice.connectors.spi.TableDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Ranges of a table's columns as conditions, with their values as constants. Pure.
 *
 * <p>Rows are not compared as a whole, {@code (a, b) > (1, 2)}, for which the server does not use
 * an index; the first column's own condition is what it finds the range by.
 */
final class KeyRangeSql {

    private KeyRangeSql() {}

    /**
     * What stands behind {@code WHERE}; a row with a null among the range's columns is not meant.
     */
    static String condition(TableDefinition table, KeyRange range) {
        List<String> all = new ArrayList<>();
        if (!range.after().isEmpty()) {
            all.add(single(table, range, range.after(), " >= "));
            all.add(
                    nested(
                            table,
                            range,
                            range.after(),
                            " > ",
                            range.after().size() == range.columns().size() ? " > " : " >= "));
        }
        if (!range.upTo().isEmpty()) {
            all.add(single(table, range, range.upTo(), " <= "));
            all.add(
                    nested(
                            table,
                            range,
                            range.upTo(),
                            " < ",
                            range.upTo().size() == range.columns().size() ? " <= " : " < "));
        }
        for (String name : range.columns()) {
            if (!column(table, name).notNull()) {
                all.add(Sql.identifier(name) + " IS NOT NULL");
            }
        }
        return all.isEmpty() ? "TRUE" : String.join(" AND ", all);
    }

    static String order(KeyRange range, String direction) {
        return range.columns().stream()
                .map(name -> Sql.identifier(name) + direction)
                .collect(Collectors.joining(", "));
    }

    static ColumnDefinition column(TableDefinition table, String name) {
        return table.columns().stream()
                .filter(column -> column.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new ConnectorException(
                                        ErrorClass.FATAL,
                                        "%s has no column %s".formatted(table.table(), name)));
    }

    static String literal(ColumnDefinition column, Object value) {
        StringBuilder sql = new StringBuilder();
        new ColumnForm(column).literal(sql, value);
        return sql.toString();
    }

    private static String single(
            TableDefinition table, KeyRange range, List<Object> bound, String comparison) {
        ColumnDefinition first = column(table, range.columns().getFirst());
        return Sql.identifier(first.name()) + comparison + literal(first, bound.getFirst());
    }

    private static String nested(
            TableDefinition table, KeyRange range, List<Object> bound, String strict, String last) {
        int end = bound.size() - 1;
        String condition = compared(table, range, bound, end, last);
        for (int i = end - 1; i >= 0; i--) {
            condition =
                    "(%s OR (%s AND %s))"
                            .formatted(
                                    compared(table, range, bound, i, strict),
                                    compared(table, range, bound, i, " = "),
                                    condition);
        }
        return condition;
    }

    private static String compared(
            TableDefinition table, KeyRange range, List<Object> bound, int i, String comparison) {
        ColumnDefinition column = column(table, range.columns().get(i));
        return Sql.identifier(column.name()) + comparison + literal(column, bound.get(i));
    }
}
