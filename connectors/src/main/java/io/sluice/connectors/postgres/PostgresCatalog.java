package io.sluice.connectors.postgres;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.ColumnDefinition.Identity;
import io.sluice.connectors.spi.Engine;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TableDefinition.RowIdentity;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads table definitions out of {@code pg_catalog}: three queries for any number of tables.
 *
 * <p>What a definition leaves out on purpose: keys that are checked only at the end of a
 * transaction, because a copy that checks them row by row would refuse what the source allowed;
 * partial indexes and indexes on expressions; keys of periods.
 */
final class PostgresCatalog {

    /** Tables of users as a source has them: partition roots stand for their partitions. */
    private static final String OF_USERS =
            """
            c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence = 'p'
              AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'sluice')
              AND n.nspname !~ '^pg_(toast|temp)'
              AND NOT EXISTS (
                SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
                  AND d.objid = c.oid AND d.deptype = 'e')
            """;

    /** Tables by their names, partitions among them. */
    private static final String NAMED =
            """
            c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
              AND (n.nspname, c.relname) IN (SELECT * FROM unnest(?::text[], ?::text[]))
            """;

    /** How the log identifies the rows of a table with storage: k(ey), f(ull), n(othing). */
    private static final String IDENTITY =
            """
            CASE c.relreplident
              WHEN 'f' THEN 'f'
              WHEN 'd' THEN CASE WHEN EXISTS (
                SELECT FROM pg_index x WHERE x.indrelid = c.oid AND x.indisprimary
                  AND x.indimmediate AND x.indisvalid AND NOT x.indisexclusion)
                THEN 'k' ELSE 'n' END
              WHEN 'i' THEN CASE WHEN EXISTS (
                SELECT FROM pg_index x WHERE x.indrelid = c.oid AND x.indisreplident)
                THEN 'k' ELSE 'n' END
              ELSE 'n' END
            """;

    private static final String TABLES =
            """
            WITH RECURSIVE picked AS (
              SELECT c.oid, n.nspname, c.relname, c.relkind, c.relreplident
              FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE %s
            ), member AS (
              SELECT oid AS root, oid FROM picked
              UNION ALL
              SELECT m.root, i.inhrelid FROM member m JOIN pg_inherits i ON i.inhparent = m.oid
              WHERE m.root IN (SELECT oid FROM picked WHERE relkind = 'p')
            ), storage AS (
              SELECT m.root,
                sum(CASE WHEN c.reltuples >= 0 THEN c.reltuples::numeric END) AS rows,
                sum(pg_table_size(c.oid)) AS bytes,
                string_agg(DISTINCT %s, '') AS identities
              FROM member m JOIN pg_class c ON c.oid = m.oid
              WHERE c.relkind <> 'p'
              GROUP BY m.root
            )
            SELECT p.oid::int8, p.nspname::text, p.relname::text, p.relkind = 'p', p.relreplident::text,
              coalesce(s.rows::int8, -1), coalesce(s.bytes::int8, -1), coalesce(s.identities, '')
            FROM picked p LEFT JOIN storage s ON s.root = p.oid
            """;

    private static final String COLUMNS =
            """
            WITH RECURSIVE base AS (
              SELECT oid, typbasetype, typtypmod FROM pg_type WHERE typtype = 'd'
              UNION ALL
              SELECT b.oid, t.typbasetype, t.typtypmod
              FROM base b JOIN pg_type t ON t.oid = b.typbasetype
              WHERE t.typtype = 'd'
            ), domain AS (
              SELECT b.oid, b.typbasetype, b.typtypmod
              FROM base b JOIN pg_type t ON t.oid = b.typbasetype
              WHERE t.typtype <> 'd'
            )
            SELECT a.attrelid::int8, a.attname::text,
              format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attgenerated::text,
              a.attidentity::text, pg_get_expr(e.adbin, e.adrelid),
              CASE WHEN a.attcollation <> t.typcollation AND a.attcollation <> 0
                THEN quote_ident(cn.nspname) || '.' || quote_ident(co.collname) END,
              a.attnotnull AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
                AND EXISTS (
                  SELECT FROM pg_depend uses
                  JOIN pg_depend owned ON owned.classid = 'pg_class'::regclass
                    AND owned.objid = uses.refobjid AND owned.refclassid = 'pg_class'::regclass
                    AND owned.refobjid = a.attrelid AND owned.refobjsubid = a.attnum
                    AND owned.deptype = 'a'
                  WHERE uses.classid = 'pg_attrdef'::regclass AND uses.objid = e.oid
                    AND uses.refclassid = 'pg_class'::regclass),
              format_type(d.typbasetype, d.typtypmod),
              array(SELECT l.enumlabel::text FROM pg_enum l
                WHERE l.enumtypid = coalesce(d.typbasetype, a.atttypid) ORDER BY l.enumsortorder)
            FROM pg_attribute a
            JOIN pg_type t ON t.oid = a.atttypid
            LEFT JOIN domain d ON d.oid = a.atttypid
            LEFT JOIN pg_attrdef e ON e.adrelid = a.attrelid AND e.adnum = a.attnum
            LEFT JOIN pg_collation co ON co.oid = a.attcollation
            LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
            WHERE a.attrelid = ANY (?::int8[]::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
            ORDER BY a.attrelid, a.attnum
            """;

    private static final String KEYS =
            """
            SELECT x.indrelid::int8, x.indisprimary, x.indisreplident, x.indimmediate,
              array(SELECT a.attname::text FROM unnest(x.indkey::int2[]) WITH ORDINALITY k(num, place)
                    JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.num
                    WHERE k.place <= x.indnkeyatts ORDER BY k.place)
            FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
            WHERE x.indrelid = ANY (?::int8[]::oid[]) AND x.indisunique AND x.indisvalid
              AND x.indpred IS NULL AND x.indexprs IS NULL AND NOT x.indisexclusion
            ORDER BY x.indrelid, i.relname
            """;

    private PostgresCatalog() {}

    /** Every table of users that can be followed, in name order. */
    static List<TableDefinition> tables(Connection connection) throws SQLException {
        return read(connection, null);
    }

    /** Those of the named tables that exist, in name order. */
    static List<TableDefinition> tables(Connection connection, Collection<TableId> names)
            throws SQLException {
        return names.isEmpty() ? List.of() : read(connection, names);
    }

    /** Binds the names as two arrays, from parameter {@code first} on. */
    static void bindNames(PreparedStatement statement, int first, Collection<TableId> names)
            throws SQLException {
        Connection connection = statement.getConnection();
        Object[] schemas = names.stream().map(TableId::schema).toArray();
        Object[] tables = names.stream().map(TableId::name).toArray();
        statement.setArray(first, connection.createArrayOf("text", schemas));
        statement.setArray(first + 1, connection.createArrayOf("text", tables));
    }

    @SuppressWarnings("unchecked")
    static List<String> strings(ResultSet rows, int column) throws SQLException {
        Array array = rows.getArray(column);
        return array == null ? List.of() : List.of((String[]) array.getArray());
    }

    private static List<TableDefinition> read(
            Connection connection, @Nullable Collection<TableId> names) throws SQLException {
        Map<Long, Draft> drafts = new LinkedHashMap<>();
        String query = TABLES.formatted(names == null ? OF_USERS : NAMED, IDENTITY);
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            if (names != null) {
                bindNames(statement, 1, names);
            }
            ResultSet rows = statement.executeQuery();
            while (rows.next()) {
                drafts.put(rows.getLong(1), new Draft(rows));
            }
        }
        Array oids = connection.createArrayOf("int8", drafts.keySet().toArray());
        readColumns(connection, oids, drafts);
        readKeys(connection, oids, drafts);
        return drafts.values().stream()
                .map(Draft::definition)
                .sorted((a, b) -> a.table().compareTo(b.table()))
                .toList();
    }

    private static void readColumns(Connection connection, Array oids, Map<Long, Draft> drafts)
            throws SQLException {
        Map<String, String> shared = new HashMap<>();
        MoneyLocale money = new MoneyLocale(connection);
        try (PreparedStatement statement = connection.prepareStatement(COLUMNS)) {
            statement.setArray(1, oids);
            ResultSet rows = statement.executeQuery();
            while (rows.next()) {
                Draft draft = drafts.get(rows.getLong(1));
                if (draft != null) {
                    draft.columns.add(column(rows, shared, money));
                }
            }
        }
    }

    private static ColumnDefinition column(
            ResultSet rows, Map<String, String> shared, MoneyLocale money) throws SQLException {
        String nativeType = rows.getString(3);
        String baseType = rows.getString(10) == null ? nativeType : rows.getString(10);
        String kept = shared.putIfAbsent(nativeType, nativeType);
        String expression = rows.getString(7);
        String generated = rows.getString(5);
        boolean serial = rows.getBoolean(9) && expression.startsWith("nextval(");
        Identity identity =
                switch (rows.getString(6)) {
                    case "a" -> Identity.ALWAYS;
                    case "d" -> Identity.BY_DEFAULT;
                    default -> serial ? Identity.BY_DEFAULT : Identity.NONE;
                };
        return new ColumnDefinition(
                rows.getString(2),
                MoneyLocale.isMoney(baseType)
                        ? money.type()
                        : PostgresDataTypes.of(baseType, strings(rows, 11)),
                kept == null ? nativeType : kept,
                rows.getBoolean(4),
                generated.isEmpty() && identity == Identity.NONE ? expression : null,
                switch (generated) {
                    case "" -> null;
                    case "v" -> "(" + expression + ") VIRTUAL";
                    default -> "(" + expression + ") STORED";
                },
                identity,
                rows.getString(8));
    }

    private static void readKeys(Connection connection, Array oids, Map<Long, Draft> drafts)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(KEYS)) {
            statement.setArray(1, oids);
            ResultSet rows = statement.executeQuery();
            while (rows.next()) {
                Draft draft = drafts.get(rows.getLong(1));
                if (draft != null) {
                    draft.addKey(rows);
                }
            }
        }
    }

    /** A table while its parts are being read. */
    private static final class Draft {

        final TableId table;
        final boolean partitioned;
        final String replicaIdentity;
        final long estimatedRows;
        final long estimatedBytes;
        final String storageIdentities;
        final List<ColumnDefinition> columns = new ArrayList<>();
        final List<List<String>> uniqueKeys = new ArrayList<>();
        List<String> primaryKey = List.of();
        List<String> immediatePrimaryKey = List.of();
        List<String> identityIndex = List.of();

        Draft(ResultSet row) throws SQLException {
            table = new TableId(row.getString(2), row.getString(3));
            partitioned = row.getBoolean(4);
            replicaIdentity = row.getString(5);
            estimatedRows = row.getLong(6);
            estimatedBytes = row.getLong(7);
            storageIdentities = row.getString(8);
        }

        void addKey(ResultSet row) throws SQLException {
            List<String> names = strings(row, 5);
            boolean immediate = row.getBoolean(4);
            if (row.getBoolean(2)) {
                primaryKey = names;
                immediatePrimaryKey = immediate ? names : List.of();
            } else if (immediate && !uniqueKeys.contains(names)) {
                uniqueKeys.add(names);
            }
            if (row.getBoolean(3)) {
                identityIndex = names;
            }
        }

        TableDefinition definition() {
            RowIdentity identity = rowIdentity();
            List<String> replicaKey =
                    switch (identity) {
                        case NOTHING -> List.of();
                        case FULL -> immediatePrimaryKey;
                        case KEY ->
                                replicaIdentity.equals("i") ? identityIndex : immediatePrimaryKey;
                    };
            return new TableDefinition(
                    table,
                    Engine.POSTGRESQL,
                    columns,
                    primaryKey,
                    uniqueKeys,
                    replicaKey,
                    identity,
                    partitioned,
                    estimatedRows,
                    estimatedBytes);
        }

        /**
         * What the log says of a table is what it says of its partitions: each has a setting of its
         * own, and the one that says least counts.
         */
        private RowIdentity rowIdentity() {
            boolean wholeRow = replicaIdentity.equals("f");
            boolean keyed =
                    switch (replicaIdentity) {
                        case "d" -> !immediatePrimaryKey.isEmpty();
                        case "i" -> !identityIndex.isEmpty();
                        default -> wholeRow;
                    };
            if (!keyed || storageIdentities.contains("n")) {
                return RowIdentity.NOTHING;
            }
            if (!wholeRow) {
                return RowIdentity.KEY;
            }
            if (!storageIdentities.contains("k")) {
                return RowIdentity.FULL;
            }
            return immediatePrimaryKey.isEmpty() ? RowIdentity.NOTHING : RowIdentity.KEY;
        }
    }
}
