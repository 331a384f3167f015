package io.sluice.connectors.postgres;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.Engine;
import io.sluice.connectors.spi.SecondaryObject;
import io.sluice.connectors.spi.SecondaryObject.Action;
import io.sluice.connectors.spi.SecondaryObject.Kind;
import io.sluice.connectors.spi.SecondaryObject.Part;
import io.sluice.connectors.spi.SecondaryObject.Reference;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads what tables have beside their columns and primary keys: indexes, unique and exclusion
 * constraints, foreign keys. Their definitions are the server's own words for them, less the names
 * that may be others elsewhere.
 */
final class SecondaryCatalog {

    private static final String NAME = "(?:\"(?:[^\"]|\"\")+\"|[^\\s\".]+)";

    private static final Pattern INDEX =
            Pattern.compile(
                    "CREATE (?:UNIQUE )?INDEX %1$s ON (?:ONLY )?%1$s\\.%1$s (USING .*)"
                            .formatted(NAME),
                    Pattern.DOTALL);

    // to_jsonb: a column that older servers do not have.
    private static final String INDEXES =
            """
            SELECT n.nspname::text, c.relname::text, i.relname::text, k.contype::text,
              x.indisunique, pg_get_indexdef(x.indexrelid), pg_get_constraintdef(k.oid),
              x.indpred IS NULL AND x.indexprs IS NULL AND x.indimmediate
                AND NOT x.indisexclusion AND x.indnatts = x.indnkeyatts
                AND am.amname IN ('btree', 'hash')
                AND coalesce(to_jsonb(x) ->> 'indnullsnotdistinct', 'false') = 'false',
              array(SELECT coalesce(a.attname::text, '')
                    FROM unnest(x.indkey::int2[]) WITH ORDINALITY u(num, place)
                    LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = u.num
                    WHERE u.place <= x.indnkeyatts ORDER BY u.place),
              array(SELECT (u.option & 1)::text
                    FROM unnest(x.indoption::int2[]) WITH ORDINALITY u(option, place)
                    ORDER BY u.place),
              array(SELECT a.attname::text FROM pg_attribute a
                    WHERE a.attrelid = x.indrelid AND a.attnum > 0
                      AND (a.attnum = ANY (x.indkey::int2[]) OR EXISTS (
                        SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
                          AND d.objid = x.indexrelid AND d.refclassid = 'pg_class'::regclass
                          AND d.refobjid = x.indrelid AND d.refobjsubid = a.attnum)))
            FROM pg_index x
            JOIN pg_class i ON i.oid = x.indexrelid
            JOIN pg_am am ON am.oid = i.relam
            JOIN pg_class c ON c.oid = x.indrelid
            JOIN pg_namespace n ON n.oid = c.relnamespace
            LEFT JOIN pg_constraint k ON k.conindid = x.indexrelid AND k.conrelid = x.indrelid
              AND k.contype IN ('u', 'x')
            WHERE NOT x.indisprimary AND x.indisvalid
              AND (n.nspname, c.relname) IN (SELECT * FROM unnest(?::text[], ?::text[]))
            ORDER BY 1, 2, 3
            """;

    /** The server writes the columns and the other table's name as this query does. */
    private static final String FOREIGN_KEYS =
            """
            SELECT n.nspname::text, c.relname::text, k.conname::text, fn.nspname::text,
              fc.relname::text, k.confupdtype::text, k.confdeltype::text, k.confmatchtype::text,
              u.names, f.names,
              'FOREIGN KEY (' || u.quoted || ') REFERENCES ' || quote_ident(fn.nspname) || '.'
                || quote_ident(fc.relname) || '(' || f.quoted || ')',
              pg_get_constraintdef(k.oid),
              coalesce(to_jsonb(k) ->> 'confdelsetcols', '') = ''
            FROM pg_constraint k
            JOIN pg_class c ON c.oid = k.conrelid
            JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_class fc ON fc.oid = k.confrelid
            JOIN pg_namespace fn ON fn.oid = fc.relnamespace
            CROSS JOIN LATERAL (
              SELECT array_agg(a.attname::text ORDER BY p.place) AS names,
                string_agg(quote_ident(a.attname), ', ' ORDER BY p.place) AS quoted
              FROM unnest(k.conkey) WITH ORDINALITY p(num, place)
              JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = p.num) u
            CROSS JOIN LATERAL (
              SELECT array_agg(a.attname::text ORDER BY p.place) AS names,
                string_agg(quote_ident(a.attname), ', ' ORDER BY p.place) AS quoted
              FROM unnest(k.confkey) WITH ORDINALITY p(num, place)
              JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = p.num) f
            WHERE k.contype = 'f' AND k.conparentid = 0
              AND (n.nspname, c.relname) IN (SELECT * FROM unnest(?::text[], ?::text[]))
            ORDER BY 1, 2, 3
            """;

    private SecondaryCatalog() {}

    static List<SecondaryObject> read(Connection connection, Collection<TableId> tables)
            throws SQLException {
        List<SecondaryObject> found = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(INDEXES)) {
            PostgresCatalog.bindNames(statement, 1, tables);
            ResultSet row = statement.executeQuery();
            while (row.next()) {
                found.add(index(row));
            }
        }
        try (PreparedStatement statement = connection.prepareStatement(FOREIGN_KEYS)) {
            PostgresCatalog.bindNames(statement, 1, tables);
            ResultSet row = statement.executeQuery();
            while (row.next()) {
                found.add(foreignKey(row));
            }
        }
        return found;
    }

    private static SecondaryObject index(ResultSet row) throws SQLException {
        boolean constraint = row.getString(4) != null;
        Kind kind =
                constraint ? Kind.CONSTRAINT : row.getBoolean(5) ? Kind.UNIQUE_INDEX : Kind.INDEX;
        return new SecondaryObject(
                kind,
                new TableId(row.getString(1), row.getString(2)),
                row.getString(3),
                Engine.POSTGRESQL,
                parts(PostgresCatalog.strings(row, 9), PostgresCatalog.strings(row, 10)),
                row.getBoolean(8),
                Set.copyOf(PostgresCatalog.strings(row, 11)),
                constraint ? row.getString(7) : afterNames(row.getString(6)),
                null);
    }

    private static List<Part> parts(List<String> columns, List<String> descending) {
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            parts.add(new Part(columns.get(i), 0, descending.get(i).equals("1")));
        }
        return parts;
    }

    private static String afterNames(String statement) {
        Matcher matcher = INDEX.matcher(statement);
        if (!matcher.matches()) {
            throw new IllegalStateException("not the definition of an index: " + statement);
        }
        return matcher.group(1);
    }

    /** One of periods is not written as expected, and is carried by nobody. */
    private static SecondaryObject foreignKey(ResultSet row) throws SQLException {
        List<String> columns = PostgresCatalog.strings(row, 9);
        String beginning = row.getString(11);
        String whole = row.getString(12);
        boolean told = whole.startsWith(beginning);
        boolean matches = columns.size() == 1 || !row.getString(8).equals("f");
        return new SecondaryObject(
                Kind.FOREIGN_KEY,
                new TableId(row.getString(1), row.getString(2)),
                row.getString(3),
                Engine.POSTGRESQL,
                columns.stream().map(column -> new Part(column, 0, false)).toList(),
                told && matches && row.getBoolean(13),
                Set.copyOf(columns),
                told ? whole.substring(beginning.length()) : "",
                new Reference(
                        new TableId(row.getString(4), row.getString(5)),
                        PostgresCatalog.strings(row, 10),
                        action(row.getString(6)),
                        action(row.getString(7))));
    }

    private static Action action(String letter) {
        return switch (letter) {
            case "r" -> Action.RESTRICT;
            case "c" -> Action.CASCADE;
            case "n" -> Action.SET_NULL;
            case "d" -> Action.SET_DEFAULT;
            default -> Action.NO_ACTION;
        };
    }
}
