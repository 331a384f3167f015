package io.sluice.config;

/**
 * A table's full name as its database spells it, letter case kept.
 *
 * @param schema the schema in PostgreSQL, the database in MySQL
 */
public record TableName(String schema, String table) {

    public TableName {
        if (schema.isEmpty() || table.isEmpty()) {
            throw new IllegalArgumentException("a table needs a schema and a name");
        }
    }

    /** Quoted where the file would need quotes. */
    @Override
    public String toString() {
        return NamePattern.literal(schema) + "." + NamePattern.literal(table);
    }
}
