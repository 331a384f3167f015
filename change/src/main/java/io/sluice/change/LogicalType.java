package io.sluice.change;

/**
 * What a column holds, apart from how any database spells it, and with it the one Java form in
 * which its values travel.
 *
 * <p>Types that the JVM holds exactly travel as its own values; every other type travels as text,
 * in the form that PostgreSQL prints and reads under {@code DateStyle=ISO}, {@code
 * IntervalStyle=postgres}, {@code bytea_output=hex} and the time zone UTC. That text is exact where
 * a Java type would not be: {@code NaN} numerics, {@code infinity} and BC dates, {@code 24:00:00},
 * arrays of any bounds.
 */
public enum LogicalType {
    /** {@link Boolean}. */
    BOOLEAN(Boolean.class),
    /** Signed, up to 64 bits: {@link Long}. */
    INTEGER(Long.class),
    /** IEEE 754 single: {@link Float}. */
    FLOAT(Float.class),
    /** IEEE 754 double: {@link Double}. */
    DOUBLE(Double.class),
    /** {@code byte[]}. */
    BYTES(byte[].class),
    /** Everything else, as {@link String}. */
    TEXT(String.class);

    private final Class<?> form;

    LogicalType(Class<?> form) {
        this.form = form;
    }

    /** The Java class of this type's values. */
    public Class<?> form() {
        return form;
    }
}
