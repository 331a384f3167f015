package io.sluice.testkit;

import io.sluice.testkit.Comparison.Difference;
import io.sluice.testkit.Comparison.Kind;
import io.sluice.testkit.RowStream.Row;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Merges the sorted rows of one table from both sides. Used once. */
final class TableComparison {
    private static final int LONGEST_VALUE = 60;

    private final String table;
    private final List<Difference> first = new ArrayList<>();
    private long leftRows;
    private long rightRows;
    private long differentRows;

    private TableComparison(String table) {
        this.table = table;
    }

    /** Two databases of PostgreSQL, each of which sorts its own rows. */
    static Comparison.Table ofPostgres(String table, Connection left, Connection right)
            throws SQLException {
        TableColumns columns = PostgresRows.columns(left, table);
        TableColumns others = PostgresRows.columns(right, table);
        if (!columns.equals(others)) {
            return ofColumns(table, columns, others);
        }
        try (RowStream lefts = PostgresRows.rows(left, table, columns);
                RowStream rights = PostgresRows.rows(right, table, columns)) {
            return ofRows(table, columns, lefts, rights);
        }
    }

    /** Columns that are not the same are the one difference that is told. */
    static Comparison.Table ofColumns(String table, TableColumns columns, TableColumns others) {
        String detail = "columns and keys " + columns + " and " + others;
        return new Comparison.Table(
                table, 0, 0, 1, List.of(new Difference(Kind.CHANGED, "(the table)", detail)));
    }

    /** Any two sides whose rows come in the same order. */
    static Comparison.Table ofRows(
            String table, TableColumns columns, RowStream lefts, RowStream rights)
            throws SQLException {
        TableComparison comparison = new TableComparison(table);
        comparison.merge(lefts, rights, columns);
        return new Comparison.Table(
                table,
                comparison.leftRows,
                comparison.rightRows,
                comparison.differentRows,
                comparison.first);
    }

    private void merge(RowStream lefts, RowStream rights, TableColumns columns)
            throws SQLException {
        Row one = lefts.next();
        Row two = rights.next();
        while (one != null || two != null) {
            int order = one == null ? 1 : two == null ? -1 : one.compareTo(two);
            if (order <= 0 && one != null) {
                leftRows += copies(one, columns);
            }
            if (order >= 0 && two != null) {
                rightRows += copies(two, columns);
            }
            compare(order <= 0 ? one : null, order >= 0 ? two : null, columns);
            one = order <= 0 ? lefts.next() : one;
            two = order >= 0 ? rights.next() : two;
        }
    }

    private void compare(@Nullable Row one, @Nullable Row two, TableColumns columns) {
        if (one != null && two != null) {
            if (!one.rest().equals(two.rest())) {
                differentRows += Math.max(1, Math.abs(copies(one, columns) - copies(two, columns)));
                add(new Difference(Kind.CHANGED, one.key().toString(), detail(one, two, columns)));
            }
        } else if (one != null) {
            differentRows += copies(one, columns);
            add(new Difference(Kind.ONLY_LEFT, one.key().toString(), ""));
        } else if (two != null) {
            differentRows += copies(two, columns);
            add(new Difference(Kind.ONLY_RIGHT, two.key().toString(), ""));
        }
    }

    private void add(Difference difference) {
        if (first.size() < Comparison.Table.MOST_DIFFERENCES) {
            first.add(difference);
        }
    }

    /** In a table without a key, equal rows come once, with their number. */
    private static long copies(Row row, TableColumns columns) {
        return columns.key().isEmpty() ? Long.parseLong(String.valueOf(row.rest().getFirst())) : 1;
    }

    private static String detail(Row one, Row two, TableColumns columns) {
        if (columns.key().isEmpty()) {
            return one.rest().getFirst() + " and " + two.rest().getFirst() + " copies";
        }
        List<String> names = new ArrayList<>(columns.all());
        names.removeAll(columns.key());
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            String before = one.rest().get(i);
            String after = two.rest().get(i);
            if (!Objects.equals(before, after)) {
                parts.add(names.get(i) + " " + shortened(before) + " and " + shortened(after));
            }
        }
        return String.join(", ", parts);
    }

    private static String shortened(@Nullable String value) {
        return value == null || value.length() <= LONGEST_VALUE
                ? String.valueOf(value)
                : value.substring(0, LONGEST_VALUE) + "… (" + value.length() + " characters)";
    }
}
