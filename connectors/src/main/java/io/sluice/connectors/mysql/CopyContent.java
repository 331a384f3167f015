package io.sluice.connectors.mysql;

import io.sluice.change.Row;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows as {@code LOAD DATA} reads them, made row by row, so that no second copy of all of them is
 * in memory. Used by one thread.
 */
final class CopyContent extends InputStream {

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private final List<ColumnForm> forms;
    private final Iterator<Row> rows;
    private Bytes line = new Bytes();
    private int at;
    private @Nullable UnfitRow unfit;

    CopyContent(List<ColumnForm> forms, List<Row> rows) {
        this.forms = forms;
        this.rows = rows.iterator();
    }

    /** A row that the target cannot hold. */
    record UnfitRow(Row row, UnfitValueException reason) {}

    /** The row before which the content ended, for it cannot be held; null if there was none. */
    @Nullable UnfitRow unfit() {
        return unfit;
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int offset, int most) {
        if (at == line.length && !next()) {
            return -1;
        }
        int taken = Math.min(most, line.length - at);
        System.arraycopy(line.bytes, at, into, offset, taken);
        at += taken;
        return taken;
    }

    private boolean next() {
        if (unfit != null || !rows.hasNext()) {
            return false;
        }
        Row row = rows.next();
        at = 0;
        line = new Bytes();
        try {
            for (int i = 0; i < forms.size(); i++) {
                if (i > 0) {
                    line.add('\t');
                }
                add(forms.get(i), row.get(i));
            }
        } catch (UnfitValueException e) {
            unfit = new UnfitRow(row, e);
            line = new Bytes();
            return false;
        }
        line.add('\n');
        return true;
    }

    private void add(ColumnForm form, @Nullable Object value) {
        if (value == null) {
            line.add('\\');
            line.add('N');
        } else if (form.isBytes()) {
            byte[] bytes = form.bytes(value);
            line.reserve(2L * bytes.length + 1);
            for (byte b : bytes) {
                line.add(HEX[b >> 4 & 0xF]);
                line.add(HEX[b & 0xF]);
            }
        } else {
            addEscaped(form.text(value).getBytes(StandardCharsets.UTF_8));
        }
    }

    private void addEscaped(byte[] text) {
        line.reserve(text.length + 1L);
        for (byte b : text) {
            int escape =
                    switch (b) {
                        case '\\' -> '\\';
                        case '\t' -> 't';
                        case '\n' -> 'n';
                        case '\r' -> 'r';
                        case 0 -> '0';
                        default -> 0;
                    };
            if (escape != 0) {
                line.add('\\');
            }
            line.add(escape == 0 ? b : escape);
        }
    }

    /** Bytes that grow. */
    private static final class Bytes {

        private byte[] bytes = new byte[256];
        private int length;

        void add(int b) {
            if (length == bytes.length) {
                reserve(1);
            }
            bytes[length++] = (byte) b;
        }

        void reserve(long more) {
            long wanted = length + more;
            if (wanted > bytes.length) {
                long grown = Math.max(wanted, Math.min(2L * bytes.length, wanted + (1 << 20)));
                bytes = Arrays.copyOf(bytes, Math.toIntExact(grown));
            }
        }
    }
}
