package io.sluice.change;

import java.util.Objects;

/**
 * A table's full name, in the letter case of its database: schema and table in PostgreSQL, database
 * and table in MySQL.
 */
public record TableId(String schema, String name) implements Comparable<TableId> {

    public TableId {
        Objects.requireNonNull(schema);
        Objects.requireNonNull(name);
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a table needs a name");
        }
    }

    @Override
    public int compareTo(TableId other) {
        int bySchema = schema.compareTo(other.schema);
        return bySchema != 0 ? bySchema : name.compareTo(other.name);
    }

    /** {@code schema.name}, for people; not quoted, so never part of a statement. */
    @Override
    public String toString() {
        return schema + "." + name;
    }
}
