package io.sluice.connectors.postgres;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/**
 * What statements need to know of a table that is written to.
 *
 * @param partitioned whether its rows lie in partitions
 */
record TargetTable(TableId id, boolean partitioned, Map<String, TargetColumn> columns) {

    /**
     * @param castType the base type without length or precision. A cast to a type with a length
     *     cuts what is too long without a word; assigning to the column refuses it
     * @param equality the operator that the column's index understands, qualified where it is not
     *     PostgreSQL's own
     * @param match how a row is found by this column's value alone
     */
    record TargetColumn(String castType, boolean identityAlways, String equality, Match match) {}

    /** How to tell whether a column holds a given value, where no key says which row it is. */
    enum Match {
        /** By the type's own equality, which is exact. */
        VALUE,
        /** By the text, since equality is coarser than identity or does not exist. */
        TEXT
    }

    // A numeric of fixed scale is equal to no other than itself; 1.0 and 1.00 of free scale are
    // equal.
    private static final String COLUMNS =
            """
            WITH RECURSIVE base AS (
              SELECT a.attname, a.attnum, a.attrelid, a.atttypid AS typ, a.atttypmod AS typmod,
                a.attidentity
              FROM pg_attribute a
              WHERE a.attrelid = to_regclass(?) AND a.attnum > 0 AND NOT a.attisdropped
              UNION ALL
              SELECT b.attname, b.attnum, b.attrelid, t.typbasetype, t.typtypmod, b.attidentity
              FROM base b JOIN pg_type t ON t.oid = b.typ WHERE t.typtype = 'd'
            )
            SELECT b.attname::text, format_type(b.typ, -1), b.attidentity = 'a',
              (SELECT quote_ident(n.nspname) || '.' || o.oprname
               FROM pg_index x
               CROSS JOIN LATERAL unnest(x.indkey::int2[], x.indclass::oid[]) AS k(num, class)
               JOIN pg_opclass oc ON oc.oid = k.class
               JOIN pg_amop am ON am.amopfamily = oc.opcfamily AND am.amoplefttype = oc.opcintype
                 AND am.amoprighttype = oc.opcintype AND am.amopstrategy = 3
               JOIN pg_operator o ON o.oid = am.amopopr
               JOIN pg_namespace n ON n.oid = o.oprnamespace
               WHERE x.indrelid = b.attrelid AND x.indisunique AND k.num = b.attnum
                 AND n.nspname <> 'pg_catalog'
               LIMIT 1),
              b.typ IN ('bool'::regtype, 'int2'::regtype, 'int4'::regtype, 'int8'::regtype,
                'oid'::regtype, 'float4'::regtype, 'float8'::regtype, 'bytea'::regtype)
                OR (b.typ = 'numeric'::regtype AND b.typmod <> -1),
              c.relkind = 'p'
            FROM base b JOIN pg_type t ON t.oid = b.typ JOIN pg_class c ON c.oid = b.attrelid
            WHERE t.typtype <> 'd'
            """;

    static TargetTable read(Connection connection, TableId id) throws SQLException {
        Map<String, TargetColumn> columns = new HashMap<>();
        boolean partitioned = false;
        try (PreparedStatement statement = connection.prepareStatement(COLUMNS)) {
            statement.setString(1, Sql.table(id));
            ResultSet rows = statement.executeQuery();
            while (rows.next()) {
                String operator = rows.getString(4);
                columns.put(
                        rows.getString(1),
                        new TargetColumn(
                                rows.getString(2),
                                rows.getBoolean(3),
                                operator == null ? "=" : "OPERATOR(" + operator + ")",
                                rows.getBoolean(5) ? Match.VALUE : Match.TEXT));
                partitioned = rows.getBoolean(6);
            }
        }
        return new TargetTable(id, partitioned, columns);
    }

    TargetColumn column(String name) {
        TargetColumn column = columns.get(name);
        if (column == null) {
            throw new ConnectorException(
                    ErrorClass.FATAL,
                    columns.isEmpty()
                            ? "The table %s is not on the target.".formatted(id)
                            : "The table %s has no column %s on the target.".formatted(id, name));
        }
        return column;
    }
}
