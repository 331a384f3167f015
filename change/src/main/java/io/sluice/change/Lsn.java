package io.sluice.change;

import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A byte position in PostgreSQL's write-ahead log. As a checkpoint it is the end of a commit
 * record: every transaction whose commit record begins before it is covered.
 *
 * @param value the 64-bit position, compared unsigned
 */
public record Lsn(long value) implements SourcePosition, Comparable<Lsn> {

    private static final Pattern TEXT = Pattern.compile("([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})");

    /**
     * Reads PostgreSQL's form, {@code 16/B374D848}.
     *
     * @throws IllegalArgumentException if it is not of that form
     */
    public static Lsn parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not a PostgreSQL log position: " + text);
        }
        return new Lsn(
                Long.parseLong(matcher.group(1), 16) << 32 | Long.parseLong(matcher.group(2), 16));
    }

    @Override
    public boolean covers(SourcePosition other) {
        return other instanceof Lsn lsn && compareTo(lsn) >= 0;
    }

    @Override
    public boolean isPassed(SourcePosition read, SourcePosition next) {
        return !covers(next);
    }

    @Override
    public boolean hasNext(SourcePosition read, SourcePosition next) {
        return covers(next);
    }

    @Override
    public int compareTo(Lsn other) {
        return Long.compareUnsigned(value, other.value);
    }

    @Override
    public OptionalLong bytesSince(SourcePosition earlier) {
        return earlier instanceof Lsn lsn
                ? OptionalLong.of(Math.max(0, value - lsn.value))
                : OptionalLong.empty();
    }

    @Override
    public String text() {
        return "%X/%X".formatted(value >>> 32, value & 0xFFFF_FFFFL);
    }

    @Override
    public String toString() {
        return text();
    }
}
