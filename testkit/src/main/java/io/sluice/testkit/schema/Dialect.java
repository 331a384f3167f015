package io.sluice.testkit.schema;

/** Whose SQL it is. */
public enum Dialect {
    POSTGRES("\""),
    MYSQL("`");

    private final String quote;

    Dialect(String quote) {
        this.quote = quote;
    }

    String quoted(String name) {
        return quote + name + quote;
    }

    /** An insert of as many rows as numbers from the first to the last, each called {@code i}. */
    String fill(String table, String columns, String values, int first, int last) {
        return switch (this) {
            case POSTGRES ->
                    "INSERT INTO %s (%s) SELECT %s FROM generate_series(%d, %d) AS s(i) ORDER BY i"
                            .formatted(quoted(table), columns, values, first, last);
            case MYSQL ->
                    ("INSERT INTO %s (%s) WITH RECURSIVE s(i) AS (SELECT %d UNION ALL"
                                    + " SELECT i + 1 FROM s WHERE i < %d) SELECT %s FROM s ORDER BY i")
                            .formatted(quoted(table), columns, first, last, values);
        };
    }
}
