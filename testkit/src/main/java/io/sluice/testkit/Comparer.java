package io.sluice.testkit;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Compares tables of two databases, row by row and column by column: two of PostgreSQL by the text
 * that each gives for its values, and any two of PostgreSQL and MySQL by what the values mean.
 *
 * <p>Rows are read in the order of the key by a cursor on each side and merged, so that memory does
 * not grow with the tables. Tables without a key are compared as bags: grouped by the whole row,
 * with the number of its copies. Nothing here shares code with the gateway.
 *
 * <p>Each comparison is one repeatable-read view of each side, so that foreign writers do no harm
 * to it; the two views are of different moments, and so both sides should be at rest. Connections
 * must have no transaction open; they are left without one, and may be used by one thread only.
 */
public final class Comparer {
    private Comparer() {}

    /** Compares tables that have the same names on both sides; {@code schema.table}, unquoted. */
    public static Comparison compare(Connection left, Connection right, Collection<String> tables) {
        List<Comparison.Table> results = new ArrayList<>();
        try {
            PostgresRows.beginReading(left);
            PostgresRows.beginReading(right);
            for (String table : tables) {
                results.add(TableComparison.ofPostgres(table, left, right));
            }
            return new Comparison(results);
        } catch (SQLException e) {
            throw new ServerException("cannot compare " + tables, e);
        } finally {
            PostgresRows.endReading(left);
            PostgresRows.endReading(right);
        }
    }

    /**
     * Compares tables of any two databases of PostgreSQL and MySQL by what their values mean: a
     * number is equal to itself with more zeros, a moment to the same one of another zone, a
     * document to the same one in another order. A value is compared as what the more precise of
     * the two columns' types takes it for; a single float as one on both sides.
     *
     * <p>Rows are sorted here, by way of files, so that memory does not grow with the tables.
     *
     * @param tables the right side's name of each table by the left side's, {@code schema.table} or
     *     {@code database.table}, unquoted; columns have the same names on both sides
     */
    public static Comparison compareAcross(
            Connection left, Connection right, Map<String, String> tables) {
        List<Comparison.Table> results = new ArrayList<>();
        try (ComparedSide one = ComparedSide.of(left);
                ComparedSide two = ComparedSide.of(right)) {
            for (Map.Entry<String, String> table : tables.entrySet()) {
                results.add(compareAcross(one, two, table.getKey(), table.getValue()));
            }
            return new Comparison(results);
        } catch (SQLException e) {
            throw new ServerException("cannot compare " + tables, e);
        }
    }

    private static Comparison.Table compareAcross(
            ComparedSide left, ComparedSide right, String table, String other) throws SQLException {
        List<ComparedColumn> lefts = left.columns(table);
        List<ComparedColumn> rights = right.columns(other);
        TableColumns columns = ComparedColumn.names(lefts);
        TableColumns others = ComparedColumn.names(rights);
        if (!columns.equals(others)) {
            return TableComparison.ofColumns(table, columns, others);
        }
        List<ComparedColumn> leftShaped = ComparedColumn.shaped(lefts, rights);
        List<ComparedColumn> rightShaped = ComparedColumn.shaped(rights, lefts);
        try (RowStream ones = left.rows(table, leftShaped);
                RowStream twos = right.rows(other, rightShaped)) {
            return TableComparison.ofRows(table, columns, ones, twos);
        }
    }

    /**
     * A short text that is equal for tables with equal rows, whatever their order: cheap enough to
     * ask again and again until two sides agree. {@link #compare} then tells for certain.
     */
    public static String fingerprint(Connection connection, Collection<String> tables) {
        StringBuilder text = new StringBuilder();
        try {
            PostgresRows.beginReading(connection);
            for (String table : tables) {
                text.append(table).append('=');
                text.append(PostgresRows.fingerprint(connection, table)).append('\n');
            }
            return text.toString();
        } catch (SQLException e) {
            throw new ServerException("cannot fingerprint " + tables, e);
        } finally {
            PostgresRows.endReading(connection);
        }
    }
}
