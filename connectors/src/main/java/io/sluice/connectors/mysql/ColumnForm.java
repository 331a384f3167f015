package io.sluice.connectors.mysql;

import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.DataType;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * How values are written into a column of the target and compared with it, in the one form that the
 * column understands without converting. What the column would round, cut or read otherwise in
 * silence is refused with {@link UnfitValueException}. Pure.
 */
final class ColumnForm {

    private static final HexFormat HEX = HexFormat.of();

    private static final int MOST_LEVELS = 100;

    private enum Kind {
        NUMBER,
        BITS,
        TEXT,
        BYTES
    }

    private final String name;
    private final DataType type;
    private final Kind kind;
    private final long mostBytes;
    private final boolean unicode;

    ColumnForm(ColumnDefinition column) {
        name = column.name();
        type = column.dataType();
        kind =
                switch (type) {
                    case DataType.Bool t -> Kind.NUMBER;
                    case DataType.Int t -> Kind.NUMBER;
                    case DataType.Decimal t -> Kind.NUMBER;
                    case DataType.Floating t -> Kind.NUMBER;
                    case DataType.Year t -> Kind.NUMBER;
                    case DataType.Bits t -> Kind.BITS;
                    case DataType.Binary t -> Kind.BYTES;
                    case DataType.Geometry t -> Kind.BYTES;
                    case DataType.Native t -> Kind.BYTES;
                    default -> Kind.TEXT;
                };
        unicode = String.valueOf(column.collation()).startsWith("utf8");
        mostBytes =
                switch (column.nativeType()) {
                    case "tinytext" -> 0xFF;
                    case "text" -> 0xFFFF;
                    case "mediumtext" -> 0xFF_FFFF;
                    default -> Long.MAX_VALUE;
                };
    }

    String name() {
        return name;
    }

    /** Appends the value as a constant of SQL. */
    void literal(StringBuilder sql, @Nullable Object value) {
        if (value == null) {
            sql.append("NULL");
            return;
        }
        switch (kind) {
            case NUMBER, BITS -> sql.append(text(value));
            case TEXT -> Sql.appendLiteral(sql, text(value));
            case BYTES -> {
                byte[] bytes = bytes(value);
                sql.ensureCapacity(sql.length() + 2 * bytes.length + 4);
                sql.append("x'");
                for (byte b : bytes) {
                    HEX.toHexDigits(sql, b);
                }
                sql.append('\'');
            }
        }
    }

    /**
     * The value as text, such as a file holds it that rows are loaded from; bytes as hexadecimal
     * digits, bits as the number that they are.
     */
    String text(Object value) {
        return switch (type) {
            case DataType.Bool t -> NumberText.integer(name, value);
            case DataType.Int t -> NumberText.integer(name, value);
            // The text 0 would be the year 2000.
            case DataType.Year t -> "0".repeat(4 - Math.min(4, year(value).length())) + year(value);
            case DataType.Decimal t -> NumberText.decimal(name, t, value);
            case DataType.Floating t -> NumberText.floating(name, t.bits(), value);
            case DataType.Bits t -> NumberText.bits(name, t.length(), value);
            case DataType.Date t -> TimeText.date(name, value);
            case DataType.Time t -> TimeText.time(name, t.fraction(), value);
            case DataType.DateTime t -> TimeText.dateTime(name, t.fraction(), value);
            case DataType.Moment t -> TimeText.dateTime(name, t.fraction(), value);
            case DataType.Chars t -> chars(t, value.toString());
            case DataType.Json t -> json(value.toString());
            case DataType.Binary t -> HEX.formatHex(bytes(value));
            case DataType.Geometry t -> HEX.formatHex(bytes(value));
            case DataType.Native t -> HEX.formatHex(bytes(value));
            case DataType.Choice t -> label(t.labels(), value.toString());
            case DataType.Choices t -> labels(t.labels(), value.toString());
            case DataType.Uuid t -> value.toString();
            case DataType.Money t -> value.toString();
        };
    }

    /** What makes the column's value of a text that was loaded; null where it is the text. */
    @Nullable String loaded(String variable) {
        return switch (kind) {
            case NUMBER, TEXT -> null;
            case BITS -> "CAST(" + variable + " AS UNSIGNED)";
            case BYTES -> "UNHEX(" + variable + ")";
        };
    }

    /** Appends a condition that holds for exactly this value, and for null where it is null. */
    void isExactly(StringBuilder sql, @Nullable Object value) {
        String column = Sql.identifier(name);
        if (value == null) {
            sql.append(column).append(" IS NULL");
            return;
        }
        switch (type) {
            // Equality of texts depends on collations; of documents, it takes 1 for 1.0.
            case DataType.Json json -> {
                sql.append("CAST(CAST(")
                        .append(column)
                        .append(" AS CHAR) AS BINARY) <=> CAST(CAST(");
                sql.append("CAST(");
                literal(sql, value);
                sql.append(" AS JSON) AS CHAR) AS BINARY)");
            }
            case DataType.Geometry geometry -> isBytes(sql, column, value);
            // The server refuses to compare vectors.
            case DataType.Native own -> isBytes(sql, column, value);
            default -> {
                if (kind == Kind.TEXT && !isTemporal()) {
                    sql.append("CAST(CONVERT(").append(column);
                    sql.append(" USING utf8mb4) AS BINARY) <=> CAST(");
                    literal(sql, value);
                    sql.append(" AS BINARY)");
                } else {
                    sql.append(column).append(" <=> ");
                    literal(sql, value);
                }
            }
        }
    }

    /** The number that {@link RowDigest} takes of the column; null where it is left out. */
    @Nullable String digested() {
        String column = Sql.identifier(name);
        return switch (type) {
            case DataType.Chars t ->
                    unicode
                            ? "CRC32(" + column + ")"
                            : "CRC32(CONVERT(" + column + " USING utf8mb4))";
            case DataType.Int t -> column;
            default -> null;
        };
    }

    /** The same of a value. */
    long digest(Object value) {
        String text = text(value);
        if (type instanceof DataType.Chars) {
            CRC32 crc = new CRC32();
            crc.update(text.getBytes(StandardCharsets.UTF_8));
            return crc.getValue();
        }
        return text.startsWith("-") ? Long.parseLong(text) : Long.parseUnsignedLong(text);
    }

    private void isBytes(StringBuilder sql, String column, Object value) {
        sql.append("HEX(").append(column).append(") <=> '");
        sql.append(text(value).toUpperCase(Locale.ROOT)).append('\'');
    }

    private boolean isTemporal() {
        return type instanceof DataType.Date
                || type instanceof DataType.Time
                || type instanceof DataType.DateTime
                || type instanceof DataType.Moment;
    }

    /** Spaces at the end that are too many would be cut without a word. */
    private String chars(DataType.Chars chars, String text) {
        if (!text.endsWith(" ")) {
            return text;
        }
        boolean tooLong =
                chars.length() > 0 && text.codePointCount(0, text.length()) > chars.length();
        if (tooLong || text.getBytes(StandardCharsets.UTF_8).length > mostBytes) {
            throw new UnfitValueException(name, "is too long for it by its spaces at the end");
        }
        // A column of fixed length has none at the end, however it was filled.
        return chars.fixed() ? withoutSpaces(text) : text;
    }

    private static String withoutSpaces(String text) {
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == ' ') {
            end--;
        }
        return text.substring(0, end);
    }

    private String year(Object value) {
        return NumberText.integer(name, value);
    }

    /** A text that is no label would be taken for the number of one, if it can be. */
    private String label(List<String> labels, String text) {
        if (!labels.contains(text)) {
            throw new UnfitValueException(name, "is none of its labels");
        }
        return text;
    }

    private String labels(List<String> labels, String text) {
        if (!text.isEmpty()) {
            for (String member : text.split(",", -1)) {
                label(labels, member);
            }
        }
        return text;
    }

    private String json(String text) {
        if (JsonNumbers.depth(text) > MOST_LEVELS) {
            throw new UnfitValueException(
                    name,
                    "has JSON of more than the %d levels that MySQL has".formatted(MOST_LEVELS));
        }
        if (!JsonNumbers.areKept(text)) {
            throw new UnfitValueException(
                    name, "has a number in its JSON that MySQL would keep only nearly");
        }
        return text;
    }

    /** Whether values are bytes, and are loaded as hexadecimal digits. */
    boolean isBytes() {
        return kind == Kind.BYTES;
    }

    /** The bytes of a value of such a column, filled up with zeros to a fixed length. */
    byte[] bytes(Object value) {
        byte[] bytes =
                value instanceof byte[] known
                        ? known
                        : value.toString().getBytes(StandardCharsets.UTF_8);
        return type instanceof DataType.Binary binary
                        && binary.fixed()
                        && bytes.length < binary.length()
                ? Arrays.copyOf(bytes, (int) binary.length())
                : bytes;
    }
}
