package io.sluice.connectors.postgres;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.LoadNames;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Gives a table's name to another table, inside a transaction.
 *
 * <p>What goes by the table and not by its name stays with the old one: views, foreign keys,
 * triggers, policies, publications. So only a {@link #isPlain plain} table is exchanged. Of what
 * people add to such a table, indexes and constraints were copied when the shadow was made, and get
 * their names here; who may do what with it is copied here, as it is now.
 */
final class TableExchange {

    static final int LONGEST_NAME = 63;

    private static final String PLAIN =
            """
            SELECT c.relkind = 'r' AND c.relpersistence = 'p' AND NOT c.relispartition
              AND c.relowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)
              AND NOT c.relrowsecurity AND c.relreplident = 'd' AND c.reloptions IS NULL
              AND c.reltablespace = 0 AND obj_description(c.oid, 'pg_class') IS NULL
              AND NOT EXISTS (SELECT FROM pg_inherits i WHERE c.oid IN (i.inhrelid, i.inhparent))
              AND NOT EXISTS (SELECT FROM pg_constraint f
                WHERE f.contype = 'f' AND c.oid IN (f.conrelid, f.confrelid))
              AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid)
              AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)
              AND NOT EXISTS (SELECT FROM pg_rewrite r WHERE r.ev_class = c.oid)
              AND NOT EXISTS (SELECT FROM pg_attribute a
                WHERE a.attrelid = c.oid AND a.attacl IS NOT NULL)
              AND NOT EXISTS (SELECT FROM pg_seclabel l
                WHERE l.classoid = 'pg_class'::regclass AND l.objoid = c.oid)
              AND NOT EXISTS (SELECT FROM pg_depend d
                WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid
                  AND (d.classid IN ('pg_rewrite'::regclass, 'pg_proc'::regclass,
                      'pg_publication_rel'::regclass, 'pg_policy'::regclass)
                    OR d.classid = 'pg_class'::regclass AND d.deptype = 'a' AND EXISTS (
                      SELECT FROM pg_class s WHERE s.oid = d.objid AND s.relkind = 'S')))
              AND NOT EXISTS (SELECT FROM pg_depend d
                WHERE d.refclassid = 'pg_type'::regclass AND d.deptype = 'n'
                  AND d.refobjid IN (c.reltype,
                    (SELECT y.typarray FROM pg_type y WHERE y.oid = c.reltype)))
            FROM pg_class c WHERE c.oid = to_regclass(?)
            """;

    /** Columns, checks and valid indexes of a table that its shadow, made earlier, has not. */
    private static final String ADDED =
            """
            WITH pair(old, fresh) AS (SELECT to_regclass(?)::oid, to_regclass(?)::oid),
            col AS (
              SELECT a.attrelid, a.attname, a.atttypid, a.atttypmod, a.attcollation, a.attnotnull,
                a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid)
              FROM pg_attribute a
                LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
              WHERE a.attnum > 0 AND NOT a.attisdropped),
            chk AS (
              SELECT k.conrelid, k.conname, pg_get_constraintdef(k.oid)
              FROM pg_constraint k WHERE k.contype = 'c')
            SELECT 'column' FROM (
              SELECT %1$s FROM col, pair WHERE attrelid = old
              EXCEPT SELECT %1$s FROM col, pair WHERE attrelid = fresh) c
            UNION ALL SELECT 'check' FROM (
              SELECT conname, pg_get_constraintdef FROM chk, pair WHERE conrelid = old
              EXCEPT
              SELECT conname, pg_get_constraintdef FROM chk, pair WHERE conrelid = fresh) c
            """
                    .formatted(
                            "attname, atttypid, atttypmod, attcollation, attnotnull, attidentity,"
                                    + " attgenerated, pg_get_expr");

    private static final String VALID_INDEXES =
            """
            SELECT x.relname::text FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
            WHERE i.indrelid = to_regclass(?) AND i.indisvalid
            """;

    /** What default privileges have granted on a table that was just made. */
    private static final String GRANTED =
            """
            SELECT DISTINCT format('REVOKE ALL ON %s FROM %s', ?,
              CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(g.rolname) END)
            FROM pg_class c CROSS JOIN aclexplode(c.relacl) a
              LEFT JOIN pg_roles g ON g.oid = a.grantee
            WHERE c.oid = to_regclass(?) AND a.grantee <> c.relowner
            """;

    private static final String RIGHTS =
            """
            SELECT format('GRANT %s ON %s TO %s%s', a.privilege_type, ?,
              CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(g.rolname) END,
              CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
            FROM pg_class c CROSS JOIN aclexplode(c.relacl) a
              LEFT JOIN pg_roles g ON g.oid = a.grantee
            WHERE c.oid = to_regclass(?) AND a.grantee <> c.relowner
            """;

    /** Indexes by what they are; those that are alike in pairs. */
    private static final String INDEXES =
            """
            WITH every AS (
              SELECT i.indrelid, x.relname, row_number() OVER (
                  PARTITION BY i.indrelid, what ORDER BY x.oid) AS number, what
              FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
              CROSS JOIN LATERAL (SELECT concat_ws('|', x.relam, i.indisunique, i.indisprimary,
                i.indisexclusion, i.indnkeyatts, i.indnatts, i.indclass, i.indcollation,
                i.indoption, pg_get_expr(i.indpred, i.indrelid),
                (SELECT string_agg(pg_get_indexdef(i.indexrelid, n, false), ',' ORDER BY n)
                  FROM generate_series(1, i.indnatts) n))) AS w(what)
              WHERE i.indrelid IN (to_regclass(?), to_regclass(?)))
            SELECT fresh.relname::text, old.relname::text
            FROM every fresh JOIN every old USING (what, number)
            WHERE fresh.indrelid = to_regclass(?) AND old.indrelid = to_regclass(?)
            """;

    private final Connection connection;

    TableExchange(Connection connection) {
        this.connection = connection;
    }

    /** Whether nothing hangs on the table that would stay with it when its name goes. */
    boolean isPlain(TableId table) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(PLAIN)) {
            statement.setString(1, Sql.table(table));
            ResultSet row = statement.executeQuery();
            return row.next() && row.getBoolean(1);
        }
    }

    /** Whether the shadow has all columns, checks and indexes that the table has by now. */
    boolean isLike(TableId table, TableId shadow) throws SQLException {
        try (PreparedStatement added = connection.prepareStatement(ADDED);
                PreparedStatement valid = connection.prepareStatement(VALID_INDEXES)) {
            added.setString(1, Sql.table(table));
            added.setString(2, Sql.table(shadow));
            if (added.executeQuery().next()) {
                return false;
            }
            Collection<String> copied = indexes(table, shadow).values();
            valid.setString(1, Sql.table(table));
            ResultSet names = valid.executeQuery();
            while (names.next()) {
                if (!copied.contains(names.getString(1))) {
                    return false;
                }
            }
            return true;
        }
    }

    /**
     * @param former what the old table is called from now on; null to drop it
     */
    void exchange(TableId table, TableId shadow, @Nullable TableId former) throws SQLException {
        executeAll(GRANTED, shadow, shadow);
        executeAll(RIGHTS, shadow, table);
        Map<String, String> indexes = indexes(table, shadow);
        try (Statement statement = connection.createStatement()) {
            if (former == null) {
                statement.execute("DROP TABLE " + Sql.table(table));
            } else {
                String end = former.name().substring(former.name().lastIndexOf("__sluice_"));
                rename(statement, "TABLE", table, former.name());
                for (String index : indexes.values()) {
                    rename(
                            statement,
                            "INDEX",
                            new TableId(table.schema(), index),
                            LoadNames.of(index, end, LONGEST_NAME));
                }
            }
            rename(statement, "TABLE", shadow, table.name());
            for (Map.Entry<String, String> index : indexes.entrySet()) {
                if (!index.getKey().equals(index.getValue())) {
                    rename(
                            statement,
                            "INDEX",
                            new TableId(table.schema(), index.getKey()),
                            index.getValue());
                }
            }
        }
    }

    static void rename(Statement statement, String kind, TableId thing, String name)
            throws SQLException {
        statement.execute(
                "ALTER %s %s RENAME TO %s".formatted(kind, Sql.table(thing), Sql.identifier(name)));
    }

    /** Executes what a query makes of a table's rights, for the one that is named first. */
    private void executeAll(String query, TableId of, TableId table) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(query);
                Statement each = connection.createStatement()) {
            statement.setString(1, Sql.table(of));
            statement.setString(2, Sql.table(table));
            ResultSet rows = statement.executeQuery();
            while (rows.next()) {
                each.execute(rows.getString(1));
            }
        }
    }

    /** The shadow's indexes, and what those of the table are called that they stand for. */
    private Map<String, String> indexes(TableId table, TableId shadow) throws SQLException {
        Map<String, String> names = new LinkedHashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(INDEXES)) {
            statement.setString(1, Sql.table(table));
            statement.setString(2, Sql.table(shadow));
            statement.setString(3, Sql.table(shadow));
            statement.setString(4, Sql.table(table));
            ResultSet rows = statement.executeQuery();
            while (rows.next()) {
                names.put(rows.getString(1), rows.getString(2));
            }
        }
        return names;
    }
}
