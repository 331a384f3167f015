package io.sluice.change;

import java.util.Objects;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a MySQL server's binary log stands. With GTIDs the set alone counts: it means the same on
 * every server of the topology, so that a failover to a replica goes on where the source was lost.
 * Without them file and offset do, which only mean something on the one server that wrote them.
 *
 * @param file name of the log file, for example {@code binlog.000042}
 * @param offset in bytes, of the byte after the last event that is covered
 * @param gtids every transaction that is covered, also those from before the log began; null where
 *     the server does not use them
 */
public record BinlogPosition(String file, long offset, @Nullable GtidSet gtids)
        implements SourcePosition {

    private static final Pattern TEXT = Pattern.compile("([^:;]+\\.([0-9]{1,18})):([0-9]{1,19})");

    public BinlogPosition {
        Objects.requireNonNull(file);
        if (!TEXT.matcher(file + ":" + offset).matches()) {
            throw new IllegalArgumentException("not a place in a binary log: " + file);
        }
    }

    /** Whether the text is of this form rather than that of another engine. */
    public static boolean isOne(String text) {
        int end = text.indexOf(';');
        return TEXT.matcher(end < 0 ? text : text.substring(0, end)).matches();
    }

    /**
     * Reads {@link #text()}.
     *
     * @throws IllegalArgumentException if it is not of that form
     */
    public static BinlogPosition parse(String text) {
        int end = text.indexOf(';');
        Matcher place = TEXT.matcher(end < 0 ? text : text.substring(0, end));
        if (!place.matches()) {
            throw new IllegalArgumentException("not a MySQL log position: " + text);
        }
        return new BinlogPosition(
                place.group(1),
                Long.parseLong(place.group(3)),
                end < 0 ? null : GtidSet.parse(text.substring(end + 1)));
    }

    @Override
    public boolean covers(SourcePosition other) {
        if (!(other instanceof BinlogPosition position)) {
            return false;
        }
        if (gtids != null && position.gtids != null) {
            return gtids.containsAll(position.gtids);
        }
        if (gtids != null || position.gtids != null) {
            return false; // one with and one without say nothing about each other
        }
        int byFile = Long.compare(number(), position.number());
        return byFile != 0 ? byFile > 0 : offset >= position.offset;
    }

    /**
     * {@inheritDoc}
     *
     * <p>A set of GTIDs may lack a transaction that stands in the log before one of its members:
     * the server counts a transaction only once it is committed. So what it lacks ends nothing.
     */
    @Override
    public boolean isPassed(SourcePosition read, SourcePosition next) {
        return gtids == null ? !covers(next) : read.covers(this);
    }

    @Override
    public boolean hasNext(SourcePosition read, SourcePosition next) {
        return gtids != null
                        && read instanceof BinlogPosition before
                        && next instanceof BinlogPosition after
                        && before.gtids != null
                        && after.gtids != null
                ? gtids.containsAll(after.gtids.minus(before.gtids))
                : covers(next);
    }

    @Override
    public OptionalLong bytesSince(SourcePosition earlier) {
        return earlier instanceof BinlogPosition position && position.file.equals(file)
                ? OptionalLong.of(Math.max(0, offset - position.offset))
                : OptionalLong.empty();
    }

    /** The number of the log file. */
    public long number() {
        return Long.parseLong(file.substring(file.lastIndexOf('.') + 1));
    }

    /** {@code file:offset}, with GTIDs {@code file:offset;set}. */
    @Override
    public String text() {
        return file + ":" + offset + (gtids == null ? "" : ";" + gtids.text());
    }

    @Override
    public String toString() {
        return text();
    }
}
