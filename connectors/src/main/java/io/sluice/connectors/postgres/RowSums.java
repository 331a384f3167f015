package io.sluice.connectors.postgres;

import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.DataType;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TableReader.Digested;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Rows as a number of 56 bits each, whose sum does not depend on their order. What MySQL makes of
 * the same texts is the same number. Pure.
 */
final class RowSums {

    private RowSums() {}

    static String sum(TableDefinition table, List<Digested> columns) {
        String row =
                columns.stream()
                        .map(column -> marked(text(table, column)))
                        .collect(Collectors.joining(" || "));
        return ("coalesce(sum(('x' || left(encode(sha256(convert_to(%s, 'UTF8')), 'hex'), 14))"
                        + "::bit(56)::int8::numeric), 0)::text")
                .formatted(row.isEmpty() ? "''" : row);
    }

    /** With its length, so that no two rows of texts are the same in a row. */
    private static String marked(String text) {
        return "coalesce(char_length(%1$s) || ':' || %1$s, '-')".formatted(text);
    }

    private static String text(TableDefinition table, Digested digested) {
        ColumnDefinition column = KeyRangeSql.column(table, digested.column());
        String name = Sql.identifier(column.name());
        return switch (digested.form()) {
            case OWN, TEXT -> name + "::text";
            case NUMBER ->
                    column.dataType() instanceof DataType.Bool
                            ? name + "::int::text"
                            : name + "::text";
            case DATE -> "to_char(%s, 'YYYY-MM-DD')".formatted(name);
            case TIME -> "to_char(%s, 'YYYY-MM-DD HH24:MI:SS.US')".formatted(name);
            case BYTES -> "encode(sha256(%s), 'hex')".formatted(name);
        };
    }
}
