package io.sluice.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An amount of bytes.
 *
 * @param bytes 0 or more
 */
public record DataSize(long bytes) implements Comparable<DataSize> {

    private static final Pattern FORM = Pattern.compile("([0-9]{1,15})(B|KiB|MiB|GiB|TiB)");
    private static final long LARGEST = 1L << 50;

    public DataSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("a size must not be negative");
        }
    }

    public static DataSize ofMebibytes(long mebibytes) {
        return new DataSize(Math.multiplyExact(mebibytes, 1L << 20));
    }

    /**
     * Reads {@code 100B}, {@code 512KiB}, {@code 64MiB}, {@code 1GiB}, {@code 1TiB}.
     *
     * @throws IllegalArgumentException saying what the form is
     */
    public static DataSize parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "must be a size such as `64MiB`, in B, KiB, MiB, GiB or TiB");
        }
        long count = Long.parseLong(matcher.group(1));
        long unit = 1L << shift(matcher.group(2));
        if (count > LARGEST / unit) {
            throw new IllegalArgumentException("must not be more than 1024TiB");
        }
        return new DataSize(count * unit);
    }

    static void requirePositive(DataSize size) {
        if (size.bytes == 0) {
            throw new IllegalArgumentException("must be more than 0");
        }
    }

    @Override
    public int compareTo(DataSize other) {
        return Long.compare(bytes, other.bytes);
    }

    /** In the largest unit that keeps it whole; {@link #parse} reads it back. */
    @Override
    public String toString() {
        for (String unit : new String[] {"TiB", "GiB", "MiB", "KiB"}) {
            if (bytes > 0 && bytes % (1L << shift(unit)) == 0) {
                return (bytes >> shift(unit)) + unit;
            }
        }
        return bytes + "B";
    }

    private static int shift(String unit) {
        return switch (unit) {
            case "KiB" -> 10;
            case "MiB" -> 20;
            case "GiB" -> 30;
            case "TiB" -> 40;
            default -> 0;
        };
    }
}
