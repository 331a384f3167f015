package io.sluice.connectors.postgres;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.ColumnDefinition.Identity;
import io.sluice.connectors.spi.DataType;
import io.sluice.connectors.spi.RowNumbers;
import io.sluice.connectors.spi.TableDefinition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.StringJoiner;

/**
 * Reads how identity columns, and columns whose default is a sequence's next value and nothing
 * else, number new rows.
 */
final class SequenceCatalog {

    /** How many sequences are asked at once where they stand: each is locked meanwhile. */
    private static final int AT_ONCE = 200;

    private static final String SEQUENCES =
            """
            SELECT n.nspname::text, c.relname::text, a.attname::text, a.attidentity <> '',
              quote_ident(sn.nspname) || '.' || quote_ident(sc.relname),
              s.seqincrement, s.seqmin, s.seqmax, s.seqcycle,
              has_schema_privilege(sn.oid, 'USAGE') AND has_sequence_privilege(sc.oid, 'SELECT')
            FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            CROSS JOIN LATERAL (
              SELECT d.objid AS sequence FROM pg_depend d
              WHERE a.attidentity <> '' AND d.deptype = 'i'
                AND d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
                AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum
              UNION
              SELECT d.refobjid FROM pg_attrdef e
              JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = e.oid
                AND d.refclassid = 'pg_class'::regclass
              WHERE e.adrelid = a.attrelid AND e.adnum = a.attnum AND a.attgenerated = ''
                AND pg_get_expr(e.adbin, e.adrelid) LIKE 'nextval(%::regclass)') u
            JOIN pg_sequence s ON s.seqrelid = u.sequence
            JOIN pg_class sc ON sc.oid = s.seqrelid
            JOIN pg_namespace sn ON sn.oid = sc.relnamespace
            WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
              AND (n.nspname, c.relname) IN (SELECT * FROM unnest(?::text[], ?::text[]))
            ORDER BY 1, 2, a.attnum
            """;

    /** A called one goes on by its step; beyond what it can count it begins anew, or ends. */
    private static final String VALUE =
            """
            SELECT %1$d, CASE WHEN NOT is_called THEN last_value
              WHEN last_value::numeric + %2$d BETWEEN %3$d AND %4$d THEN last_value + %2$d
              WHEN %5$b THEN %6$d ELSE last_value END
            FROM %7$s
            """;

    private SequenceCatalog() {}

    /**
     * @param tables as they stand, or as they would be made
     */
    static List<RowNumbers> read(Connection connection, List<TableDefinition> tables)
            throws SQLException {
        List<Draft> drafts = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(SEQUENCES)) {
            PostgresCatalog.bindNames(
                    statement, 1, tables.stream().map(TableDefinition::table).toList());
            ResultSet rows = statement.executeQuery();
            while (rows.next()) {
                drafts.add(Draft.of(rows));
            }
        }
        Map<String, Long> values = values(connection, drafts);
        List<RowNumbers> numbers = new ArrayList<>();
        Set<TableId> known = new HashSet<>();
        for (Draft draft : drafts) {
            numbers.add(draft.numbers(values));
            known.add(draft.table);
        }
        for (TableDefinition table : tables) {
            if (!known.contains(table.table())) {
                table.columns().stream()
                        .filter(column -> column.identity() != Identity.NONE)
                        .forEach(column -> numbers.add(made(table.table(), column)));
            }
        }
        return numbers;
    }

    /** By the sequences' names; without those that the role may not read. */
    private static Map<String, Long> values(Connection connection, List<Draft> drafts)
            throws SQLException {
        List<Draft> readable = drafts.stream().filter(Draft::mayRead).toList();
        Map<String, Long> values = new HashMap<>();
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            for (int from = 0; from < readable.size(); from += AT_ONCE) {
                StringJoiner query = new StringJoiner(" UNION ALL ");
                for (int i = from; i < Math.min(from + AT_ONCE, readable.size()); i++) {
                    query.add(readable.get(i).value(i));
                }
                ResultSet rows = statement.executeQuery(query.toString());
                while (rows.next()) {
                    values.put(readable.get(rows.getInt(1)).sequence, rows.getLong(2));
                }
            }
        }
        return values;
    }

    /** As the server numbers an identity column of which nothing else is said. */
    private static RowNumbers made(TableId table, ColumnDefinition column) {
        int bits = column.dataType() instanceof DataType.Int number ? number.bits() : 64;
        return new RowNumbers(
                table,
                column.name(),
                1,
                OptionalLong.of(1),
                1,
                Long.MAX_VALUE >> (64 - bits),
                false,
                remedy(identity(table, column.name())) + " once the gateway has made the table");
    }

    private static String identity(TableId table, String column) {
        return "ALTER TABLE %s ALTER COLUMN %s SET"
                .formatted(Sql.table(table), Sql.identifier(column));
    }

    private static String remedy(String statement) {
        return statement + " INCREMENT BY " + RowNumbers.STEP + " RESTART WITH …";
    }

    /** A column whose sequence has yet to be asked where it stands. */
    private record Draft(
            TableId table,
            String column,
            boolean isIdentity,
            String sequence,
            long step,
            long min,
            long max,
            boolean cycles,
            boolean mayRead) {

        static Draft of(ResultSet row) throws SQLException {
            return new Draft(
                    new TableId(row.getString(1), row.getString(2)),
                    row.getString(3),
                    row.getBoolean(4),
                    row.getString(5),
                    row.getLong(6),
                    row.getLong(7),
                    row.getLong(8),
                    row.getBoolean(9),
                    row.getBoolean(10));
        }

        String value(int place) {
            return VALUE.formatted(place, step, min, max, cycles, step > 0 ? min : max, sequence);
        }

        RowNumbers numbers(Map<String, Long> values) {
            Long next = values.get(sequence);
            return new RowNumbers(
                    table,
                    column,
                    step,
                    next == null ? OptionalLong.empty() : OptionalLong.of(next),
                    min,
                    max,
                    cycles,
                    remedy(isIdentity ? identity(table, column) : "ALTER SEQUENCE " + sequence));
        }
    }
}
