package io.sluice.change;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The values of one row, by the positions of its {@link TableSchema}.
 *
 * <p>A value is null for SQL's NULL, {@link #NOT_SENT} where the source did not say, and otherwise
 * of the class that {@link LogicalType#form()} names.
 */
public final class Row {

    /**
     * The source did not send this column's value: an unchanged value that PostgreSQL keeps out of
     * line, or a column that an identity-only image leaves out.
     */
    public static final Object NOT_SENT = new NotSent();

    private final @Nullable Object[] values;

    private Row(@Nullable Object[] values) {
        this.values = values;
    }

    /** Takes over {@code values}; the caller no longer touches the array. */
    public static Row of(@Nullable Object... values) {
        return new Row(values);
    }

    public @Nullable Object get(int position) {
        return values[position];
    }

    public boolean isSent(int position) {
        return values[position] != NOT_SENT;
    }

    public int size() {
        return values.length;
    }

    public boolean isWhole() {
        for (Object value : values) {
            if (value == NOT_SENT) {
                return false;
            }
        }
        return true;
    }

    /** The values at the given positions, for example a key; equal by value. */
    public Key key(List<Integer> positions) {
        @Nullable Object[] key = new Object[positions.size()];
        for (int i = 0; i < key.length; i++) {
            key[i] = values[positions.get(i)];
        }
        return new Key(key);
    }

    /** This row, with what it was not sent taken from {@code older}. */
    public Row over(Row older) {
        if (isWhole()) {
            return this;
        }
        @Nullable Object[] merged = values.clone();
        for (int i = 0; i < merged.length; i++) {
            if (merged[i] == NOT_SENT) {
                merged[i] = older.values[i];
            }
        }
        return new Row(merged);
    }

    /** A bound from above on the heap that this row holds, in bytes, cheap to compute. */
    public long sizeInBytes() {
        long bytes = 24L + 8L * values.length;
        for (Object value : values) {
            bytes += sizeOf(value);
        }
        return bytes;
    }

    private static long sizeOf(@Nullable Object value) {
        return switch (value) {
            case null -> 0;
            case String text -> 56L + 2L * text.length();
            case byte[] bytes -> 24L + bytes.length;
            default -> 24;
        };
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Row row && Arrays.deepEquals(values, row.values);
    }

    @Override
    public int hashCode() {
        return Arrays.deepHashCode(values);
    }

    /** Says how wide the row is and never what it holds: values do not go to logs. */
    @Override
    public String toString() {
        return "Row[" + values.length + " values]";
    }

    /** The identifying values of a row, equal by value. */
    public static final class Key {

        private final @Nullable Object[] values;

        private Key(@Nullable Object[] values) {
            this.values = values;
        }

        public @Nullable Object get(int i) {
            return values[i];
        }

        public int size() {
            return values.length;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key key && Arrays.deepEquals(values, key.values);
        }

        @Override
        public int hashCode() {
            return Arrays.deepHashCode(values);
        }

        /** Says how wide the key is and never what it holds. */
        @Override
        public String toString() {
            return "Key[" + values.length + " values]";
        }
    }

    private static final class NotSent {

        @Override
        public String toString() {
            return "not sent";
        }
    }
}
