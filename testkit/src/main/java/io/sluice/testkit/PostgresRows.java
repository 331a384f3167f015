package io.sluice.testkit;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * All the SQL by which the comparer reads a PostgreSQL database.
 *
 * <p>Sorting is by bytes ({@code COLLATE "C"}) of the key's text, so that both sides sort alike
 * whatever their locales, and the order can be told again from the text alone.
 */
final class PostgresRows {
    private static final int FETCH = 500;

    private PostgresRows() {}

    static void beginReading(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
            // The same text on every server, whatever its settings.
            statement.execute("SET LOCAL TimeZone = 'UTC'");
            statement.execute("SET LOCAL DateStyle = 'ISO, YMD'");
            statement.execute("SET LOCAL IntervalStyle = 'postgres'");
            statement.execute("SET LOCAL bytea_output = 'hex'");
            statement.execute("SET LOCAL extra_float_digits = 1");
            statement.execute("SET LOCAL lc_monetary = 'C'");
            statement.execute("SET LOCAL search_path = pg_catalog");
        }
    }

    static void endReading(Connection connection) {
        try {
            connection.rollback();
            connection.setAutoCommit(true);
        } catch (SQLException e) {
            // Broken: whoever uses it next learns that, and what was found stands.
        }
    }

    static TableColumns columns(Connection connection, String table) throws SQLException {
        String sql =
                """
                SELECT a.attname, coalesce(a.attnum = ANY (i.indkey), false) AS in_key
                  FROM pg_attribute a
                  LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
                 WHERE a.attrelid = ?::regclass AND a.attnum > 0 AND NOT a.attisdropped
                 ORDER BY a.attname COLLATE "C"
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, quoted(table));
            List<String> all = new ArrayList<>();
            List<String> key = new ArrayList<>();
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    all.add(result.getString(1));
                    if (result.getBoolean(2)) {
                        key.add(result.getString(1));
                    }
                }
            }
            return new TableColumns(all, key);
        }
    }

    /** Key columns first, then the others; or the whole row and the number of its copies. */
    static SortedRows rows(Connection connection, String table, TableColumns columns)
            throws SQLException {
        List<String> sorted = columns.key().isEmpty() ? columns.all() : columns.key();
        List<String> rest = new ArrayList<>(columns.all());
        rest.removeAll(sorted);
        String sql =
                "SELECT "
                        + texts(sorted)
                        + (rest.isEmpty() ? "" : ", " + texts(rest))
                        + (columns.key().isEmpty() ? ", count(*)::text" : "")
                        + " FROM "
                        + quoted(table)
                        + (columns.key().isEmpty() ? " GROUP BY " + positions(sorted) : "")
                        + " ORDER BY "
                        + joined(sorted, column -> text(column) + " COLLATE \"C\" NULLS FIRST");
        Statement statement = connection.createStatement();
        try {
            statement.setFetchSize(FETCH);
            return new SortedRows(statement, statement.executeQuery(sql), sorted.size());
        } catch (SQLException e) {
            statement.close();
            throw e;
        }
    }

    /** The number of rows and a sum of hashes of the rows' text, in which order does not matter. */
    static String fingerprint(Connection connection, String table) throws SQLException {
        String row =
                columns(connection, table).all().stream()
                        .map(column -> "coalesce(quote_literal(" + text(column) + "), 'NULL')")
                        .collect(Collectors.joining(" || ',' || "));
        String sql =
                "SELECT count(*) || ':' || coalesce(sum(hashtextextended("
                        + row
                        + ", 0)), 0) FROM "
                        + quoted(table);
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getString(1);
        }
    }

    private static String texts(List<String> columns) {
        return joined(columns, PostgresRows::text);
    }

    private static String text(String column) {
        return PostgresSql.quoted(column) + "::text";
    }

    private static String positions(List<String> columns) {
        return IntStream.rangeClosed(1, columns.size())
                .mapToObj(Integer::toString)
                .collect(Collectors.joining(", "));
    }

    private static String joined(List<String> columns, Function<String, String> part) {
        return columns.stream().map(part).collect(Collectors.joining(", "));
    }

    static String quoted(String table) {
        int dot = table.indexOf('.');
        if (dot < 0) {
            throw new IllegalArgumentException("a table is named schema.table: " + table);
        }
        return PostgresSql.quoted(table.substring(0, dot))
                + "."
                + PostgresSql.quoted(table.substring(dot + 1));
    }
}
