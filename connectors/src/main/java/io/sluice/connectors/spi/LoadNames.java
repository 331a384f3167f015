package io.sluice.connectors.spi;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.zip.CRC32;

/** What tables are called that stand beside a loaded one. Pure. */
public final class LoadNames {

    /** Of the one that is being filled. */
    public static final String SHADOW = "__sluice_new";

    /** Of the one that is about to be dropped. */
    public static final String OLD = "__sluice_old";

    private static final DateTimeFormatter MOMENT =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    private LoadNames() {}

    /** The end of the name of a former table whose rows are of that moment. */
    public static String former(Instant moment) {
        return "__sluice_" + MOMENT.format(moment);
    }

    /**
     * The name with an end, as long as a database allows: a longer one is cut, and told apart from
     * others of the same beginning by a checksum.
     *
     * @param longest in bytes of UTF-8
     */
    public static String of(String name, String end, int longest) {
        if (bytes(name + end) <= longest) {
            return name + end;
        }
        CRC32 checksum = new CRC32();
        checksum.update(name.getBytes(StandardCharsets.UTF_8));
        String tail = "_%08x%s".formatted(checksum.getValue(), end);
        StringBuilder head = new StringBuilder();
        name.codePoints()
                .takeWhile(c -> bytes(head + Character.toString(c)) + bytes(tail) <= longest)
                .forEach(head::appendCodePoint);
        return head + tail;
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
