package io.sluice.gateway.cli;

import io.sluice.config.DatabaseConfig;

/**
 * What a schema of the source is called on the target where nothing renames it. Between engines a
 * schema of PostgreSQL is the database of that name in MySQL, except that {@code public} is the
 * database of the MySQL URL.
 */
@FunctionalInterface
interface SchemaNames {

    String schema(String source);

    /** By way of the names at the first of several sites, so that all ways lead to one table. */
    static SchemaNames between(DatabaseConfig source, DatabaseConfig first, DatabaseConfig target) {
        SchemaNames there = between(source, first);
        SchemaNames here = between(first, target);
        return schema -> here.schema(there.schema(schema));
    }

    static SchemaNames between(DatabaseConfig source, DatabaseConfig target) {
        if (source.isMySql() == target.isMySql()) {
            return schema -> schema;
        }
        String from = source.isMySql() ? source.database() : "public";
        String to = target.isMySql() ? target.database() : "public";
        return schema -> schema.equals(from) ? to : schema;
    }
}
