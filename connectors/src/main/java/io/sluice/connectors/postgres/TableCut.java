package io.sluice.connectors.postgres;

import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.SnapshotReader.Cut;
import io.sluice.connectors.spi.TableDefinition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a table into ranges of its blocks, each partition by itself. A range is written {@code
 * OID:FROM-TO}, the last of a file without its end: what is added to the file later belongs to it.
 *
 * <p>Partitions that the role may only read through their root are not cut.
 *
 * <p>A row may move from one block to another, but only by a change that is in the log, or when the
 * file is written anew; the files' names are therefore the layout.
 */
final class TableCut {

    /** The first version that reads a range of blocks without reading all before it. */
    private static final int TID_RANGE_SCANS = 14;

    private static final Pattern RANGE = Pattern.compile("(\\d+):(\\d+)-(\\d*)");

    /** As of the transaction's snapshot, but for the sizes and the files, which are of now. */
    private static final String LEAVES =
            """
            WITH RECURSIVE tree(oid, relkind, relam) AS (
              SELECT c.oid, c.relkind, c.relam
              FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE n.nspname = ? AND c.relname = ?
              UNION ALL
              SELECT c.oid, c.relkind, c.relam
              FROM tree t JOIN pg_inherits i ON i.inhparent = t.oid
                JOIN pg_class c ON c.oid = i.inhrelid
              WHERE t.relkind = 'p'
            )
            SELECT t.oid, coalesce(pg_relation_filenode(t.oid), 0),
              coalesce(pg_relation_size(t.oid), 0) / current_setting('block_size')::int8,
              coalesce(pg_table_size(t.oid), 0), coalesce(a.amname = 'heap', false),
              has_table_privilege(t.oid, 'SELECT') AND has_schema_privilege(
                (SELECT relnamespace FROM pg_class WHERE oid = t.oid), 'USAGE')
                AND NOT row_security_active(t.oid)
            FROM tree t LEFT JOIN pg_am a ON a.oid = t.relam
            WHERE t.relkind <> 'p' ORDER BY t.oid
            """;

    private TableCut() {}

    static Cut of(Connection connection, TableDefinition table, long chunkBytes)
            throws SQLException {
        boolean cuts = connection.getMetaData().getDatabaseMajorVersion() >= TID_RANGE_SCANS;
        List<String> files = new ArrayList<>();
        List<String> ranges = new ArrayList<>();
        boolean readable = true;
        try (PreparedStatement statement = connection.prepareStatement(LEAVES)) {
            statement.setString(1, table.table().schema());
            statement.setString(2, table.table().name());
            ResultSet row = statement.executeQuery();
            while (row.next()) {
                long oid = row.getLong(1);
                readable &= row.getBoolean(6);
                files.add(oid + ":" + row.getLong(2));
                long blocks = row.getLong(3);
                long bytes = Math.max(1, row.getLong(4));
                long step =
                        cuts && row.getBoolean(5)
                                ? Math.max(1, (long) ((double) blocks * chunkBytes / bytes))
                                : Long.MAX_VALUE;
                addRanges(ranges, oid, blocks, step);
            }
        }
        return new Cut(
                String.join(" ", files), readable && !ranges.isEmpty() ? ranges : List.of(""));
    }

    private static void addRanges(List<String> ranges, long oid, long blocks, long step) {
        long from = 0;
        while (blocks - from > step) {
            ranges.add("%d:%d-%d".formatted(oid, from, from + step));
            from += step;
        }
        ranges.add("%d:%d-".formatted(oid, from));
    }

    /**
     * What stands in {@code COPY … TO} for the rows of a range.
     *
     * @param columns quoted, with commas between; may be empty
     */
    static String rows(Connection connection, TableDefinition table, String columns, String range)
            throws SQLException {
        if (range.isEmpty()) {
            return "(SELECT %s FROM %s%s)"
                    .formatted(
                            columns, table.partitioned() ? "" : "ONLY ", Sql.table(table.table()));
        }
        Matcher parts = RANGE.matcher(range);
        if (!parts.matches()) {
            throw new ConnectorException(
                    ErrorClass.FATAL,
                    "%s: not a part of the table: %s".formatted(table.table(), range));
        }
        String leaf = name(connection, Long.parseLong(parts.group(1)));
        String from = parts.group(2);
        String to = parts.group(3);
        if (from.equals("0") && to.isEmpty()) {
            return "(SELECT %s FROM ONLY %s)".formatted(columns, leaf);
        }
        return "(SELECT %s FROM ONLY %s WHERE ctid >= '(%s,0)'%s)"
                .formatted(columns, leaf, from, to.isEmpty() ? "" : " AND ctid < '(" + to + ",0)'");
    }

    private static String name(Connection connection, long oid) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT ?::int8::oid::regclass::text")) {
            statement.setLong(1, oid);
            ResultSet row = statement.executeQuery();
            row.next();
            return row.getString(1);
        }
    }
}
