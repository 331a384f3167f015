package io.sluice.connectors.postgres;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.TypeDefinition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the types of users that tables need: enums, domains, composites, ranges.
 *
 * <p>A type that an extension brought has {@code CREATE EXTENSION …} as its definition: what
 * creates it is for the operator to run, extensions may need files and privileges that the gateway
 * has not.
 */
final class PostgresTypes {

    static final String EXTENSION = "CREATE EXTENSION ";

    /** Each type with what it is made of, where that is a type of users. */
    private static final String TYPES =
            """
            SELECT t.oid::int8, n.nspname::text, t.typname::text, t.typtype::text,
              quote_ident(n.nspname) || '.' || quote_ident(t.typname),
              CASE t.typtype
                WHEN 'e' THEN (SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder)
                               FROM pg_enum WHERE enumtypid = t.oid)
                WHEN 'c' THEN (SELECT string_agg(quote_ident(attname) || ' '
                                   || format_type(atttypid, atttypmod)
                                   || CASE WHEN attcollation <> 0 AND attcollation <> at.typcollation
                                      THEN ' COLLATE ' || attcollation::regcollation ELSE '' END,
                                   ', ' ORDER BY attnum)
                               FROM pg_attribute JOIN pg_type at ON at.oid = atttypid
                               WHERE attrelid = t.typrelid AND attnum > 0 AND NOT attisdropped)
                WHEN 'd' THEN format_type(t.typbasetype, t.typtypmod)
                  || CASE WHEN t.typcollation <> 0 AND t.typcollation <> bt.typcollation
                     THEN ' COLLATE ' || t.typcollation::regcollation ELSE '' END
                  || coalesce(' DEFAULT ' || t.typdefault, '')
                  || coalesce((SELECT string_agg(' CONSTRAINT ' || quote_ident(conname) || ' '
                         || pg_get_constraintdef(oid), '' ORDER BY conname)
                       FROM pg_constraint WHERE contypid = t.oid AND contype = 'c'), '')
                  || CASE WHEN t.typnotnull THEN ' NOT NULL' ELSE '' END
                WHEN 'r' THEN (SELECT 'subtype = ' || format_type(rngsubtype, -1)
                                 || CASE WHEN rngcollation <> 0
                                    THEN ', collation = ' || rngcollation::regcollation ELSE '' END
                                 || ', multirange_type_name = ' || quote_ident(mn.nspname) || '.'
                                 || quote_ident(mt.typname)
                               FROM pg_range JOIN pg_type mt ON mt.oid = rngmultitypid
                               JOIN pg_namespace mn ON mn.oid = mt.typnamespace
                               WHERE rngtypid = t.oid)
              END,
              array_remove(array[nullif(t.typelem, 0), nullif(t.typbasetype, 0)]
                || array(SELECT atttypid FROM pg_attribute WHERE attrelid = nullif(t.typrelid, 0)
                         AND attnum > 0 AND NOT attisdropped)
                || array(SELECT rngsubtype FROM pg_range WHERE rngtypid = t.oid)
                || array(SELECT rngtypid FROM pg_range WHERE rngmultitypid = t.oid), NULL)::int8[],
              (SELECT quote_ident(x.extname) || ' SCHEMA ' || quote_ident(xn.nspname)
               FROM pg_depend d JOIN pg_extension x ON x.oid = d.refobjid
               JOIN pg_namespace xn ON xn.oid = x.extnamespace
               WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid
                 AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'),
              t.typrelid <> 0 AND (SELECT relkind FROM pg_class WHERE oid = t.typrelid) <> 'c'
            FROM pg_type t
            JOIN pg_namespace n ON n.oid = t.typnamespace
            LEFT JOIN pg_type bt ON bt.oid = t.typbasetype
            WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
            """;

    private static final String USED =
            """
            SELECT DISTINCT a.atttypid::int8
            FROM unnest(?::text[], ?::text[]) AS named(schema, name)
            JOIN pg_namespace n ON n.nspname = named.schema
            JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = named.name
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            ORDER BY 1
            """;

    private record Type(
            String schema,
            String name,
            String kind,
            String quoted,
            @Nullable String body,
            List<Long> needs,
            @Nullable String extension,
            boolean ofTable) {}

    private PostgresTypes() {}

    /** What the tables' columns need, each after those that it needs itself. */
    static List<TypeDefinition> of(Connection connection, Collection<TableId> tables)
            throws SQLException {
        Map<Long, Type> all = readAll(connection);
        Map<Long, TypeDefinition> found = new LinkedHashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(USED)) {
            PostgresCatalog.bindNames(statement, 1, tables);
            ResultSet rows = statement.executeQuery();
            while (rows.next()) {
                collect(rows.getLong(1), all, found);
            }
        }
        return List.copyOf(found.values());
    }

    /** Types cannot refer to each other in a circle, so this ends. */
    private static void collect(long oid, Map<Long, Type> all, Map<Long, TypeDefinition> found) {
        Type type = all.get(oid);
        if (type == null || found.containsKey(oid)) {
            return;
        }
        if (type.extension() == null) {
            type.needs().forEach(needed -> collect(needed, all, found));
        }
        String definition = definition(type);
        if (definition != null) {
            found.put(oid, new TypeDefinition(type.schema(), type.name(), definition));
        }
    }

    private static @Nullable String definition(Type type) {
        if (type.extension() != null) {
            return EXTENSION + type.extension();
        }
        String body = type.body() == null ? "" : type.body();
        return switch (type.kind()) {
            case "e" -> "CREATE TYPE %s AS ENUM (%s)".formatted(type.quoted(), body);
            case "d" -> "CREATE DOMAIN %s AS %s".formatted(type.quoted(), body);
            case "r" -> "CREATE TYPE %s AS RANGE (%s)".formatted(type.quoted(), body);
            // The row type of a table comes with the table.
            case "c" ->
                    type.ofTable() ? null : "CREATE TYPE %s AS (%s)".formatted(type.quoted(), body);
            // Arrays and multiranges come with their elements; others are written in C.
            default -> null;
        };
    }

    private static Map<Long, Type> readAll(Connection connection) throws SQLException {
        Map<Long, Type> types = new HashMap<>();
        try (Statement statement = connection.createStatement()) {
            ResultSet rows = statement.executeQuery(TYPES);
            while (rows.next()) {
                List<Long> needs = new ArrayList<>(List.of((Long[]) rows.getArray(7).getArray()));
                types.put(
                        rows.getLong(1),
                        new Type(
                                rows.getString(2),
                                rows.getString(3),
                                rows.getString(4),
                                rows.getString(5),
                                rows.getString(6),
                                needs,
                                rows.getString(8),
                                rows.getBoolean(9)));
            }
        }
        return types;
    }
}
