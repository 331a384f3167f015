package io.sluice.connectors.postgres;

import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.KeyRange;
import io.sluice.connectors.spi.TableDefinition;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Ranges of a table's columns as conditions, with their values as constants. Pure. */
final class KeyRangeSql {

    private KeyRangeSql() {}

    /** What stands behind {@code FROM}. */
    static String rows(TableDefinition table) {
        return (table.partitioned() ? "" : "ONLY ") + Sql.table(table.table());
    }

    /**
     * What stands behind {@code WHERE}; a row with a null among the range's columns is not meant.
     */
    static String condition(TableDefinition table, KeyRange range) {
        List<String> all = new ArrayList<>();
        List<Object> after = range.after();
        if (!after.isEmpty()) {
            String comparison = after.size() == range.columns().size() ? " > " : " >= ";
            all.add(names(range, after.size()) + comparison + values(table, range, after));
        }
        List<Object> upTo = range.upTo();
        if (!upTo.isEmpty()) {
            String comparison = upTo.size() == range.columns().size() ? " <= " : " < ";
            all.add(names(range, upTo.size()) + comparison + values(table, range, upTo));
        }
        for (String name : range.columns()) {
            if (!column(table, name).notNull()) {
                all.add(Sql.identifier(name) + " IS NOT NULL");
            }
        }
        return all.isEmpty() ? "true" : String.join(" AND ", all);
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

    /** A value as a constant of its column's type. */
    static String literal(ColumnDefinition column, Object value) {
        return text(value) + "::" + column.nativeType();
    }

    /** A value as a text constant that its column's type reads. */
    static String text(Object value) {
        if (value instanceof byte[] bytes) {
            return Sql.literal("\\x" + HexFormat.of().formatHex(bytes));
        }
        String text = value.toString();
        if (text.indexOf('\0') >= 0) {
            throw new ConnectorException(
                    ErrorClass.ROW,
                    "a key of the other side holds a NUL, which PostgreSQL's texts do not");
        }
        return Sql.literal(text);
    }

    private static String names(KeyRange range, int count) {
        return "(" + Sql.identifiers(range.columns().subList(0, count)) + ")";
    }

    private static String values(TableDefinition table, KeyRange range, List<Object> bound) {
        return IntStream.range(0, bound.size())
                .mapToObj(i -> literal(column(table, range.columns().get(i)), bound.get(i)))
                .collect(Collectors.joining(", ", "(", ")"));
    }
}
