package io.sluice.config;

import java.util.List;

/**
 * A table pattern, {@code schema.table}: {@code *} is any run of characters in a name, {@code ?}
 * any one; neither crosses the dot. A name in double quotes is taken as it is, dots and stars
 * included: {@code "my.schema".*}. Letter case counts.
 */
public final class Glob {

    /** Two names of 63 characters, each with a quote around and a quote to each character. */
    private static final int LONGEST = 257;

    private final NamePattern schema;
    private final NamePattern table;

    private Glob(NamePattern schema, NamePattern table) {
        this.schema = schema;
        this.table = table;
    }

    /**
     * Reads a pattern.
     *
     * @throws IllegalArgumentException saying what is wrong with it
     */
    public static Glob parse(String text) {
        if (text.length() > LONGEST) {
            throw new IllegalArgumentException("must not be longer than " + LONGEST);
        }
        List<NamePattern> parts = NamePattern.split(text);
        if (parts.size() != 2) {
            throw new IllegalArgumentException(
                    "must be a pattern `schema.table`, such as `public.order_*`; a name with a dot"
                            + " needs double quotes");
        }
        return new Glob(parts.get(0), parts.get(1));
    }

    public boolean matches(String schemaName, String tableName) {
        return schema.matches(schemaName) && table.matches(tableName);
    }

    /** Whether some table matches both patterns. */
    boolean overlaps(Glob other) {
        return schema.overlaps(other.schema) && table.overlaps(other.table);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Glob glob && schema.equals(glob.schema) && table.equals(glob.table);
    }

    @Override
    public int hashCode() {
        return 31 * schema.hashCode() + table.hashCode();
    }

    /** The pattern as the file spells it. */
    @Override
    public String toString() {
        return schema + "." + table;
    }
}
