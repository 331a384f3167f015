package io.sluice.connectors.postgres;

import io.sluice.change.Row;
import io.sluice.change.TableSchema;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The keys of the lines that were last sent to a copy. The server complains of a line by its
 * number, and only after further ones were sent. Used by one thread.
 */
final class CopiedKeys {

    private static final int REMEMBERED = 1 << 16;

    /** A longer beginning of a line is not kept; no index takes such a key anyway. */
    private static final int LONGEST = 4096;

    private final TableSchema schema;
    private final int lastColumn;
    private final byte[][] beginnings = new byte[REMEMBERED][];
    private long lines;

    CopiedKeys(TableSchema schema) {
        this.schema = schema;
        lastColumn = schema.hasKey() ? schema.key().getLast() : -1;
    }

    void sent(byte[] line) {
        int end = 0;
        for (int column = 0; column <= lastColumn && end < line.length; column++) {
            end = endOfValue(line, end) + 1;
        }
        beginnings[(int) (lines % REMEMBERED)] =
                Arrays.copyOf(line, Math.min(LONGEST, Math.max(0, end - 1)));
        lines++;
    }

    long lines() {
        return lines;
    }

    /**
     * The key of a line, or which one it was where that is not known any more.
     *
     * @param number from 1
     */
    String of(long number) {
        if (!schema.hasKey() || number < 1 || number > lines || number <= lines - REMEMBERED) {
            return "(row %d of the copy)".formatted(number);
        }
        byte[] beginning = beginnings[(int) ((number - 1) % REMEMBERED)];
        @Nullable Object[] values = new Object[schema.columns().size()];
        int from = 0;
        for (int column = 0; column <= lastColumn; column++) {
            int to = Math.min(beginning.length, endOfValue(beginning, from));
            values[column] =
                    new String(
                            beginning,
                            Math.min(from, to),
                            Math.max(0, to - from),
                            StandardCharsets.UTF_8);
            from = to + 1;
        }
        return schema.keyText(Row.of(values));
    }

    private static int endOfValue(byte[] line, int from) {
        int end = from;
        while (end < line.length && line[end] != '\t' && line[end] != '\n') {
            end++;
        }
        return end;
    }
}
