package io.sluice.connectors.spi;

import io.sluice.change.LogicalType;
import io.sluice.change.Row;
import io.sluice.change.TableSchema;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Reads the messages of {@link CopyFormat#TEXT} as rows. Pure. */
public final class CopyLineReader {

    private final TableSchema schema;

    public CopyLineReader(TableSchema schema) {
        this.schema = schema;
    }

    /**
     * @param line newline included
     */
    public Row row(byte[] line) {
        int columns = schema.columns().size();
        @Nullable Object[] values = new Object[columns];
        int end = line.length > 0 && line[line.length - 1] == '\n' ? line.length - 1 : line.length;
        int from = 0;
        for (int i = 0; i < columns; i++) {
            int to = from;
            while (to < end && line[to] != '\t') {
                to++;
            }
            if (from > end || (to < end) != (i < columns - 1)) {
                throw new ConnectorException(
                        ErrorClass.FATAL,
                        "%s: a line to copy does not have %d values"
                                .formatted(schema.table(), columns));
            }
            values[i] = value(schema.columns().get(i).type(), line, from, to);
            from = to + 1;
        }
        return Row.of(values);
    }

    private static @Nullable Object value(LogicalType type, byte[] line, int from, int to) {
        if (to - from == 2 && line[from] == '\\' && line[from + 1] == 'N') {
            return null;
        }
        if (type == LogicalType.BYTES) {
            return bytes(line, from + 3, to);
        }
        String text = text(line, from, to);
        return switch (type) {
            case BOOLEAN -> text.equals("t");
            case INTEGER -> Long.valueOf(text);
            case FLOAT -> Float.valueOf(text);
            case DOUBLE -> Double.valueOf(text);
            case BYTES, TEXT -> text;
        };
    }

    /** Digits after {@code \\\\x}; not by way of a text, for they may be many. */
    private static byte[] bytes(byte[] line, int from, int to) {
        byte[] bytes = new byte[(to - from) / 2];
        for (int i = 0; i < bytes.length; i++) {
            int high = HexFormat.fromHexDigit(line[from + 2 * i]);
            bytes[i] = (byte) (high << 4 | HexFormat.fromHexDigit(line[from + 2 * i + 1]));
        }
        return bytes;
    }

    private static String text(byte[] line, int from, int to) {
        int escape = from;
        while (escape < to && line[escape] != '\\') {
            escape++;
        }
        if (escape == to) {
            return new String(line, from, to - from, StandardCharsets.UTF_8);
        }
        byte[] plain = new byte[to - from];
        int length = 0;
        for (int i = from; i < to; i++) {
            byte b = line[i];
            if (b == '\\' && i + 1 < to) {
                i++;
                b = unescaped(line[i]);
            }
            plain[length++] = b;
        }
        return new String(plain, 0, length, StandardCharsets.UTF_8);
    }

    private static byte unescaped(byte b) {
        return switch (b) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'v' -> 0x0B;
            default -> b;
        };
    }
}
