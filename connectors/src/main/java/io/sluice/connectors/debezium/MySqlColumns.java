package io.sluice.connectors.debezium;

import io.debezium.relational.Column;
import io.sluice.change.LogicalType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What Debezium's description of a column, made from statements, says of its values. */
final class MySqlColumns {

    private static final Set<String> BYTES =
            Set.of(
                    "BINARY",
                    "VARBINARY",
                    "TINYBLOB",
                    "BLOB",
                    "MEDIUMBLOB",
                    "LONGBLOB",
                    "GEOMETRY",
                    "POINT",
                    "LINESTRING",
                    "POLYGON",
                    "MULTIPOINT",
                    "MULTILINESTRING",
                    "MULTIPOLYGON",
                    "GEOMCOLLECTION",
                    "GEOMETRYCOLLECTION",
                    "VECTOR");
    private static final Set<String> INTEGERS =
            Set.of(
                    "TINYINT",
                    "INT1",
                    "BOOL",
                    "BOOLEAN",
                    "SMALLINT",
                    "INT2",
                    "MEDIUMINT",
                    "MIDDLEINT",
                    "INT3",
                    "INT",
                    "INTEGER",
                    "INT4",
                    "YEAR");
    private static final int LONGEST_SINGLE = 24;

    private MySqlColumns() {}

    /** The form in which values of the column travel. */
    static LogicalType typeOf(Column column) {
        String type = column.typeName().toUpperCase(Locale.ROOT);
        String word = type.split("[ (]", 2)[0];
        if (BYTES.contains(word)
                || type.startsWith("LONG VARBINARY")
                || "binary".equalsIgnoreCase(column.charsetName())) {
            return LogicalType.BYTES;
        }
        if (INTEGERS.contains(word)) {
            return LogicalType.INTEGER;
        }
        return switch (word) {
            case "BIGINT", "INT8" -> isUnsigned(column) ? LogicalType.TEXT : LogicalType.INTEGER;
            case "FLOAT", "FLOAT4" ->
                    column.scale().isEmpty() && column.length() > LONGEST_SINGLE
                            ? LogicalType.DOUBLE
                            : LogicalType.FLOAT;
            case "DOUBLE", "REAL", "FLOAT8" -> LogicalType.DOUBLE;
            default -> LogicalType.TEXT;
        };
    }

    static boolean isUnsigned(Column column) {
        String type = column.typeName().toUpperCase(Locale.ROOT);
        return type.contains("UNSIGNED") || type.contains("ZEROFILL");
    }

    /** The labels of an ENUM or SET, which the description has as the statement spelled them. */
    static List<String> labels(Column column) {
        List<String> labels = new ArrayList<>();
        for (String literal : column.enumValues()) {
            labels.add(unquoted(literal));
        }
        return labels;
    }

    private static String unquoted(String literal) {
        char quote = literal.isEmpty() ? 'x' : literal.charAt(0);
        if (literal.length() < 2 || quote != '\'' && quote != '"') {
            return literal;
        }
        StringBuilder label = new StringBuilder();
        for (int i = 1; i < literal.length() - 1; i++) {
            char c = literal.charAt(i);
            if (c == quote) {
                i++;
            } else if (c == '\\') {
                i++;
                c = escaped(literal.charAt(i));
            }
            label.append(c);
        }
        // Spaces at the end of a label are not part of it.
        return label.toString().replaceFirst(" +\\z", "");
    }

    private static char escaped(char c) {
        return switch (c) {
            case '0' -> '\0';
            case 'b' -> '\b';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'Z' -> '\u001A';
            default -> c;
        };
    }
}
