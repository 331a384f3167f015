package io.sluice.connectors.debezium;

import io.debezium.relational.Column;
import io.sluice.change.LogicalType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

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
    private static final Map<String, String> SYNONYMS =
            Map.ofEntries(
                    Map.entry("BOOL", "tinyint(1)"),
                    Map.entry("BOOLEAN", "tinyint(1)"),
                    Map.entry("INT1", "tinyint"),
                    Map.entry("INT2", "smallint"),
                    Map.entry("INT3", "mediumint"),
                    Map.entry("MIDDLEINT", "mediumint"),
                    Map.entry("INT4", "int"),
                    Map.entry("INTEGER", "int"),
                    Map.entry("INT8", "bigint"),
                    Map.entry("DEC", "decimal"),
                    Map.entry("FIXED", "decimal"),
                    Map.entry("NUMERIC", "decimal"),
                    Map.entry("FLOAT4", "float"),
                    Map.entry("FLOAT8", "double"),
                    Map.entry("REAL", "double"),
                    Map.entry("DOUBLE PRECISION", "double"),
                    Map.entry("CHARACTER", "char"),
                    Map.entry("NCHAR", "char"),
                    Map.entry("NATIONAL CHAR", "char"),
                    Map.entry("NATIONAL CHARACTER", "char"),
                    Map.entry("CHARACTER VARYING", "varchar"),
                    Map.entry("CHAR VARYING", "varchar"),
                    Map.entry("VARCHARACTER", "varchar"),
                    Map.entry("NVARCHAR", "varchar"),
                    Map.entry("NCHAR VARCHAR", "varchar"),
                    Map.entry("NCHAR VARYING", "varchar"),
                    Map.entry("NATIONAL VARCHAR", "varchar"),
                    Map.entry("NATIONAL VARCHARACTER", "varchar"),
                    Map.entry("NATIONAL CHAR VARYING", "varchar"),
                    Map.entry("NATIONAL CHARACTER VARYING", "varchar"),
                    Map.entry("LONG", "mediumtext"),
                    Map.entry("LONG VARCHAR", "mediumtext"),
                    Map.entry("LONG CHAR VARYING", "mediumtext"),
                    Map.entry("LONG CHARACTER VARYING", "mediumtext"),
                    Map.entry("LONG VARBINARY", "mediumblob"),
                    Map.entry("GEOMETRYCOLLECTION", "geomcollection"));

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

    /** The type as the server's catalog prints it; of words that mean the same, always one. */
    static String nativeType(Column column) {
        String type = column.typeName().toUpperCase(Locale.ROOT);
        String word = SYNONYMS.getOrDefault(unsized(type), unsized(type).toLowerCase(Locale.ROOT));
        boolean bytes = "binary".equalsIgnoreCase(column.charsetName());
        int length = column.length();
        return switch (word) {
            case "tinyint(1)" -> word;
            case "tinyint" ->
                    length == 1 && !isUnsigned(column) ? "tinyint(1)" : signed(word, column);
            case "smallint", "mediumint", "int", "bigint" -> signed(word, column);
            case "decimal" ->
                    signed(
                            "decimal(%d,%d)"
                                    .formatted(length < 0 ? 10 : length, column.scale().orElse(0)),
                            column);
            case "float", "double" -> signed(floating(word, column), column);
            case "char" -> sized(bytes ? "binary" : "char", Math.max(1, length));
            case "varchar" -> sized(bytes ? "varbinary" : "varchar", length);
            case "binary", "bit" -> sized(word, Math.max(1, length));
            case "varbinary", "vector" -> sized(word, length);
            case "time", "datetime", "timestamp" -> length > 0 ? sized(word, length) : word;
            case "text", "blob" -> large(word, length).replace("text", bytes ? "blob" : "text");
            case "tinytext", "mediumtext", "longtext" ->
                    bytes ? word.replace("text", "blob") : word;
            case "enum", "set" -> word + quotedLabels(column);
            default -> word;
        };
    }

    /** The character set of a column of texts; null where it has none. */
    static @Nullable String charset(Column column) {
        String charset = column.charsetName();
        if (charset == null || charset.equalsIgnoreCase("binary")) {
            return null;
        }
        String name = charset.toLowerCase(Locale.ROOT);
        return name.equals("utf8") ? "utf8mb3" : name;
    }

    private static String unsized(String type) {
        return type.replaceAll(" (?:UNSIGNED|SIGNED|ZEROFILL)\\b", "").strip();
    }

    private static String signed(String word, Column column) {
        return isUnsigned(column) ? word + " unsigned" : word;
    }

    private static String sized(String word, int length) {
        return "%s(%d)".formatted(word, length);
    }

    private static String floating(String word, Column column) {
        if (column.scale().isPresent()) {
            return "%s(%d,%d)".formatted(word, column.length(), column.scale().get());
        }
        return column.length() > LONGEST_SINGLE ? "double" : word;
    }

    /** A length that is asked for chooses the smallest type of the family that has it. */
    private static String large(String word, int length) {
        if (length < 0) {
            return word;
        }
        long bytes = word.equals("text") ? 4L * length : length;
        return bytes <= 0xFF
                ? "tiny" + word
                : bytes <= 0xFFFF ? word : bytes <= 0xFF_FFFF ? "medium" + word : "long" + word;
    }

    private static String quotedLabels(Column column) {
        return labels(column).stream()
                .map(label -> "'" + label.replace("\\", "\\\\").replace("'", "''") + "'")
                .collect(Collectors.joining(",", "(", ")"));
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
