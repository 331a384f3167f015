package io.sluice.connectors.mysql;

import io.sluice.change.LogicalType;
import io.sluice.connectors.debezium.CharsetText;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.DataType;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a table's rows are asked for, and how they become lines of the {@code COPY} text format. Used
 * by one thread.
 *
 * <p>Numbers, dates and bits are turned to text by the server, so that no driver has a say in what
 * a zero date or an unsigned number is. Bytes come as they are: a function that made them to text
 * would give NULL for one that is too large. So do texts of character sets in which the server
 * takes codes that it has no character for: it would send question marks.
 */
final class CopyLine {

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    /** Sets whose every text the server turns into the same text of the connection's set. */
    private static final Set<String> SENT_WHOLE =
            Set.of("utf8mb4", "utf8mb3", "utf8", "utf16", "utf16le", "utf32", "ascii", "latin1");

    private final List<ColumnDefinition> columns;

    /** How the columns' bytes are read whose texts come as bytes; null for all others. */
    private final List<@Nullable CharsetText> charsets = new ArrayList<>();

    CopyLine(List<ColumnDefinition> columns) {
        this.columns = columns;
        columns.forEach(
                column ->
                        charsets.add(
                                isSentAsBytes(column) ? CharsetText.of(charset(column)) : null));
    }

    private static boolean isSentAsBytes(ColumnDefinition column) {
        String charset = charset(column);
        return column.dataType() instanceof DataType.Chars
                && charset != null
                && !SENT_WHOLE.contains(charset);
    }

    /** The character set, with which the collation's name begins; null for none. */
    static @Nullable String charset(ColumnDefinition column) {
        String collation = column.collation();
        if (collation == null) {
            return null;
        }
        int end = collation.indexOf('_');
        return end < 0 ? collation : collation.substring(0, end);
    }

    /** What stands between SELECT and FROM. */
    String expressions() {
        return columns.isEmpty()
                ? "NULL"
                : String.join(", ", columns.stream().map(CopyLine::expression).toList());
    }

    private static String expression(ColumnDefinition column) {
        String name = Sql.identifier(column.name());
        return switch (column.dataType()) {
            case DataType.Bits bits -> "LPAD(BIN(%s), %d, '0')".formatted(name, bits.length());
            // A single's own text has six digits; as a double it has all.
            case DataType.Floating floating when floating.bits() == 32 ->
                    "CAST(%s + 0e0 AS CHAR)".formatted(name);
            case DataType.Year year -> "CAST(%s + 0 AS CHAR)".formatted(name);
            case DataType.Floating floating -> text(name);
            case DataType.Int number -> text(name);
            case DataType.Decimal number -> text(name);
            case DataType.Bool bool -> text(name);
            case DataType.Date date -> text(name);
            case DataType.Time time -> text(name);
            case DataType.DateTime dateTime -> text(name);
            case DataType.Moment moment -> text(name);
            case DataType.Chars chars ->
                    isSentAsBytes(column) ? "CAST(%s AS BINARY)".formatted(name) : name;
            case DataType.Binary binary -> name;
            case DataType.Uuid uuid -> name;
            case DataType.Json json -> name;
            case DataType.Choice choice -> name;
            case DataType.Choices choices -> name;
            case DataType.Geometry geometry -> name;
            case DataType.Money money -> name;
            case DataType.Native own -> name;
        };
    }

    private static String text(String name) {
        return "CAST(%s AS CHAR)".formatted(name);
    }

    /**
     * The current row as a line, newline included. Measured before it is written, so that a value
     * of hundreds of megabytes is not copied on the way.
     */
    byte[] of(ResultSet row) throws SQLException {
        List<byte @Nullable []> values = new ArrayList<>(columns.size());
        int length = Math.max(1, columns.size());
        for (int i = 0; i < columns.size(); i++) {
            byte[] value = canonical(i, row.getBytes(i + 1));
            values.add(value);
            try {
                length = Math.addExact(length, length(columns.get(i), value));
            } catch (ArithmeticException e) {
                throw new UnfitValueException(
                        columns.get(i).name(),
                        "makes a row of more than 2 GiB of text, which cannot be copied: shorten"
                                + " it, or exclude the table");
            }
        }
        byte[] line = new byte[length];
        int end = 0;
        for (int i = 0; i < columns.size(); i++) {
            end = append(line, end, columns.get(i), values.get(i));
            line[end++] = '\t'; // after the last, the newline takes its place
        }
        line[length - 1] = '\n';
        return line;
    }

    /** From the server's form to the one in which values travel, where they differ. */
    private byte @Nullable [] canonical(int i, byte @Nullable [] value) {
        if (value == null) {
            return null;
        }
        ColumnDefinition column = columns.get(i);
        CharsetText charset = charsets.get(i);
        if (charset != null) {
            return text(column, charset, value);
        }
        return switch (column.dataType()) {
            case DataType.Floating floating when floating.bits() == 32 ->
                    ascii(Float.toString(Float.parseFloat(string(value))));
            case DataType.Int number -> withoutFill(column, value);
            case DataType.Decimal number -> withoutFill(column, value);
            case DataType.Moment moment -> ascii(string(value) + "+00");
            default -> value;
        };
    }

    private static byte[] text(ColumnDefinition column, CharsetText charset, byte[] value) {
        try {
            return charset.of(value).getBytes(StandardCharsets.UTF_8);
        } catch (CharsetText.UnreadableTextException e) {
            throw new UnfitValueException(column.name(), String.valueOf(e.getMessage()));
        }
    }

    /** {@code ZEROFILL} is about display alone. */
    private static byte[] withoutFill(ColumnDefinition column, byte[] value) {
        if (!column.nativeType().contains("zerofill")) {
            return value;
        }
        int start = 0;
        while (start + 1 < value.length && value[start] == '0' && value[start + 1] != '.') {
            start++;
        }
        return Arrays.copyOfRange(value, start, value.length);
    }

    private static int length(ColumnDefinition column, byte @Nullable [] value) {
        if (value == null) {
            return 2;
        }
        if (column.type() == LogicalType.BYTES) {
            return Math.addExact(3, Math.multiplyExact(2, value.length));
        }
        int length = value.length;
        for (byte b : value) {
            length = escape(b) == 0 ? length : Math.incrementExact(length);
        }
        return length;
    }

    /** Returns where the value ends. */
    private static int append(
            byte[] line, int start, ColumnDefinition column, byte @Nullable [] value) {
        int end = start;
        if (value == null) {
            line[end++] = '\\';
            line[end++] = 'N';
        } else if (column.type() == LogicalType.BYTES) {
            line[end++] = '\\';
            line[end++] = '\\';
            line[end++] = 'x';
            for (byte b : value) {
                line[end++] = HEX[(b >> 4) & 0xf];
                line[end++] = HEX[b & 0xf];
            }
        } else {
            for (byte b : value) {
                byte escape = escape(b);
                if (escape != 0) {
                    line[end++] = '\\';
                }
                line[end++] = escape == 0 ? b : escape;
            }
        }
        return end;
    }

    /** What follows the backslash; 0 for a byte that stands for itself. */
    private static byte escape(byte b) {
        return switch (b) {
            case '\\' -> '\\';
            case '\t' -> 't';
            case '\n' -> 'n';
            case '\r' -> 'r';
            case '\b' -> 'b';
            case '\f' -> 'f';
            case 0x0b -> 'v';
            default -> 0;
        };
    }

    private static String string(byte[] value) {
        return new String(value, StandardCharsets.US_ASCII);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
