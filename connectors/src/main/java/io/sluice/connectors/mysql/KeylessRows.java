package io.sluice.connectors.mysql;

import io.sluice.change.Row;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Deletes rows of tables without a key, where to find one takes a scan: some hundreds by two scans.
 * Used by one thread.
 *
 * <p>Each row that is given takes one row away, of those that are equal to it. The first scan
 * counts what there is. Where as many stand as are to go, the second takes them all at once; where
 * more do, a statement with a limit takes as many as are meant.
 *
 * <p>A scan looks at a digest of each row first, which is cheap, and compares it exactly only then.
 */
final class KeylessRows {

    /** Fewer are found one by one, as fast. */
    private static final int FEWEST_TOGETHER = 4;

    private static final int MOST_TOGETHER = 1_000;

    private final Statement statement;
    private final int mostCharacters;

    KeylessRows(Statement statement, int mostCharacters) {
        this.statement = statement;
        this.mostCharacters = mostCharacters;
    }

    /**
     * @param condition what holds for this row and those that are equal to it
     * @param digest what {@link RowDigest} makes of it
     * @param times how many are to go
     */
    private record Wanted(String condition, long digest, int times) {}

    /** Returns how many rows went. */
    long delete(RowStatements statements, List<Row> rows) throws SQLException {
        Map<Row, Integer> times = new LinkedHashMap<>();
        rows.forEach(row -> times.merge(row, 1, Integer::sum));
        RowDigest digest = statements.digest();
        long touched = 0;
        int characters = 0;
        List<Wanted> together = new ArrayList<>();
        for (Map.Entry<Row, Integer> entry : times.entrySet()) {
            Row row = entry.getKey();
            StringBuilder condition = new StringBuilder();
            statements.isExactly(condition, row);
            boolean full =
                    together.size() == MOST_TOGETHER
                            || characters + condition.length() > mostCharacters / 2;
            if (full && !together.isEmpty()) {
                touched += deleteTogether(statements, digest, together);
                together.clear();
                characters = 0;
            }
            together.add(new Wanted(condition.toString(), digest.of(row), entry.getValue()));
            characters += condition.length();
        }
        return touched + deleteTogether(statements, digest, together);
    }

    private long deleteTogether(RowStatements statements, RowDigest digest, List<Wanted> wanted)
            throws SQLException {
        long[] found =
                wanted.size() < FEWEST_TOGETHER
                        ? new long[wanted.size()]
                        : count(statements, digest, wanted);
        List<Wanted> all = new ArrayList<>();
        long touched = 0;
        for (int i = 0; i < wanted.size(); i++) {
            Wanted one = wanted.get(i);
            if (found[i] == one.times()) {
                all.add(one);
            } else {
                touched +=
                        execute(
                                "DELETE FROM %s WHERE %s LIMIT %d"
                                        .formatted(
                                                statements.table(), one.condition(), one.times()));
            }
        }
        if (all.isEmpty()) {
            return touched;
        }
        StringBuilder sql = new StringBuilder("DELETE FROM ").append(statements.table());
        among(sql, digest, all);
        sql.append(" AND (");
        for (int i = 0; i < all.size(); i++) {
            sql.append(i == 0 ? "(" : " OR (").append(all.get(i).condition()).append(')');
        }
        return touched + execute(sql.append(')').toString());
    }

    private long[] count(RowStatements statements, RowDigest digest, List<Wanted> wanted)
            throws SQLException {
        StringBuilder sql = new StringBuilder("SELECT CASE");
        for (int i = 0; i < wanted.size(); i++) {
            sql.append(" WHEN ").append(wanted.get(i).condition()).append(" THEN ").append(i);
        }
        sql.append(" END AS n, count(*) FROM ").append(statements.table());
        among(sql, digest, wanted);
        long[] found = new long[wanted.size()];
        try (ResultSet rows = statement.executeQuery(sql.append(" GROUP BY n").toString())) {
            while (rows.next()) {
                int n = rows.getInt(1);
                if (!rows.wasNull()) {
                    found[n] = rows.getLong(2);
                }
            }
        }
        return found;
    }

    private static void among(StringBuilder sql, RowDigest digest, List<Wanted> wanted) {
        sql.append(" WHERE ").append(digest.expression()).append(" IN (");
        for (int i = 0; i < wanted.size(); i++) {
            sql.append(i == 0 ? "" : ", ").append(wanted.get(i).digest());
        }
        sql.append(')');
    }

    private long execute(String sql) throws SQLException {
        long touched = statement.executeLargeUpdate(sql);
        ServerWarnings.refuseChangedValues(statement);
        return touched;
    }
}
