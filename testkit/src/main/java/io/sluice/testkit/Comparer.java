package io.sluice.testkit;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Compares tables of two databases, row by row and column by column, by the text that each database
 * gives for its values.
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
                results.add(new TableComparison(table, left, right).run());
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
