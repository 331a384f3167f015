package io.sluice.connectors.spi;

import io.sluice.change.TableId;
import java.util.function.Supplier;

/**
 * The largest row that this process has the memory for. A row is read, decoded and written in
 * several forms, some of them at the same time; one that would take all memory is refused by name
 * before it does.
 */
public final class RowLimit {

    /** Forms of a row that stand in memory beside each other, at most. */
    private static final int FORMS = 8;

    private static final long MEBIBYTE = 1 << 20;

    private RowLimit() {}

    /** In bytes, of values as they are in memory. */
    public static long rowBytes() {
        return Runtime.getRuntime().maxMemory() / FORMS;
    }

    /** In bytes, of a line of a copy: of bytes it has the hexadecimal digits. */
    public static long lineBytes() {
        return 2 * rowBytes();
    }

    /**
     * @param size the row's or line's, in bytes
     * @param most what is the most for it
     * @throws RowRefusedException if it is larger
     */
    public static void require(TableId table, Supplier<String> key, long size, long most) {
        if (size > most) {
            throw new RowRefusedException(
                    table,
                    key.get(),
                    ("a row of %s takes %d MiB, more than the %d MiB that the gateway's memory"
                                    + " allows: give it more, for example SLUICE_JAVA_OPTS=-Xmx%dm")
                            .formatted(table, size / MEBIBYTE, most / MEBIBYTE, needed(size, most)),
                    null);
        }
    }

    private static long needed(long size, long most) {
        double heap = Runtime.getRuntime().maxMemory();
        return (long) (heap * size / most / MEBIBYTE) + 1;
    }
}
