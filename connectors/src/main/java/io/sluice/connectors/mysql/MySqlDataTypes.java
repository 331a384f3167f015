package io.sluice.connectors.mysql;

import io.sluice.change.LogicalType;
import io.sluice.connectors.spi.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What MySQL's types can hold, for other engines. Pure. */
final class MySqlDataTypes {

    private static final Pattern TYPE =
            Pattern.compile(
                    "([a-z]+)(?:\\((\\d+)(?:,(\\d+))?\\))?(.*)",
                    Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    /** As the server's catalog prints them. */
    static final List<String> BUILT_IN =
            List.of(
                    "tinyint(1)",
                    "tinyint",
                    "tinyint unsigned",
                    "smallint",
                    "smallint unsigned",
                    "mediumint",
                    "mediumint unsigned",
                    "int",
                    "int unsigned",
                    "bigint",
                    "bigint unsigned",
                    "decimal(12,2)",
                    "decimal(12,2) unsigned",
                    "float",
                    "double",
                    "bit(5)",
                    "char(5)",
                    "varchar(10)",
                    "tinytext",
                    "text",
                    "mediumtext",
                    "longtext",
                    "binary(5)",
                    "varbinary(10)",
                    "tinyblob",
                    "blob",
                    "mediumblob",
                    "longblob",
                    "date",
                    "time(3)",
                    "datetime(3)",
                    "timestamp(3)",
                    "year",
                    "json",
                    "enum('a','b')",
                    "set('a','b')",
                    "geometry",
                    "point",
                    "linestring",
                    "polygon",
                    "multipoint",
                    "multilinestring",
                    "multipolygon",
                    "geomcollection",
                    "vector(3)");

    private MySqlDataTypes() {}

    /**
     * @param columnType as the server's catalog prints it: {@code decimal(10,2) unsigned}
     */
    static DataType of(String columnType) {
        Matcher matcher = TYPE.matcher(columnType);
        if (!matcher.matches()) {
            return new DataType.Native(LogicalType.BYTES);
        }
        boolean unsigned = matcher.group(4).contains("unsigned");
        int first = number(matcher, 2);
        int second = number(matcher, 3);
        return switch (matcher.group(1).toLowerCase(Locale.ROOT)) {
            case "tinyint" -> new DataType.Int(8, unsigned);
            case "smallint" -> new DataType.Int(16, unsigned);
            case "mediumint" -> new DataType.Int(24, unsigned);
            case "int" -> new DataType.Int(32, unsigned);
            case "bigint" -> new DataType.Int(64, unsigned);
            case "decimal" -> new DataType.Decimal(first, second, unsigned);
            case "float" -> new DataType.Floating(32);
            case "double" -> new DataType.Floating(64);
            case "bit" -> new DataType.Bits(false, Math.max(1, first));
            case "char" -> new DataType.Chars(true, first);
            case "varchar" -> new DataType.Chars(false, first);
            case "tinytext", "text", "mediumtext", "longtext" -> new DataType.Chars(false, 0);
            case "binary" -> new DataType.Binary(true, first);
            case "varbinary" -> new DataType.Binary(false, first);
            case "tinyblob", "blob", "mediumblob", "longblob" -> new DataType.Binary(false, 0);
            case "date" -> new DataType.Date();
            case "time" -> new DataType.Time(first);
            case "datetime" -> new DataType.DateTime(first);
            case "timestamp" -> new DataType.Moment(first);
            case "year" -> new DataType.Year();
            case "json" -> new DataType.Json(false);
            case "enum" -> new DataType.Choice(labels(columnType));
            case "set" -> new DataType.Choices(labels(columnType));
            case "geometry",
                    "point",
                    "linestring",
                    "polygon",
                    "multipoint",
                    "multilinestring",
                    "multipolygon",
                    "geometrycollection",
                    "geomcollection" ->
                    new DataType.Geometry();
            default -> new DataType.Native(LogicalType.BYTES);
        };
    }

    /** The labels of {@code enum('a','b''c')}, whose backslashes escape. */
    private static List<String> labels(String columnType) {
        List<String> labels = new ArrayList<>();
        StringBuilder label = new StringBuilder();
        boolean inside = false;
        for (int i = columnType.indexOf('('); i < columnType.length(); i++) {
            char c = columnType.charAt(i);
            boolean more = i + 1 < columnType.length();
            if (!inside) {
                inside = c == '\'';
            } else if (c == '\\' && more) {
                i++;
                label.append(unescaped(columnType.charAt(i)));
            } else if (c == '\'' && more && columnType.charAt(i + 1) == '\'') {
                i++;
                label.append(c);
            } else if (c == '\'') {
                labels.add(label.toString());
                label.setLength(0);
                inside = false;
            } else {
                label.append(c);
            }
        }
        return labels;
    }

    /** Undoes the escapes that the catalog puts into the text of an expression. */
    static String unescaped(String text) {
        StringBuilder plain = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && i + 1 < text.length()) {
                i++;
                c = unescaped(text.charAt(i));
            }
            plain.append(c);
        }
        return plain.toString();
    }

    private static char unescaped(char c) {
        return switch (c) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case '0' -> '\0';
            default -> c;
        };
    }

    private static int number(Matcher matcher, int group) {
        return matcher.group(group) == null ? 0 : Integer.parseInt(matcher.group(group));
    }
}
