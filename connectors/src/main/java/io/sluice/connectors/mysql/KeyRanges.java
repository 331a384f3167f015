package io.sluice.connectors.mysql;

import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.DataType;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.SnapshotReader.Cut;
import io.sluice.connectors.spi.TableDefinition;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a table into ranges of the first column of its primary key. A range is written {@code
 * LOW:HIGH}, without the lower bound and with the upper one, either missing at the ends; a bound is
 * a number as it is, or the bytes of another value in hexadecimal digits.
 *
 * <p>Numbers are halved until the server's own estimate of a range, which looks into the index, is
 * small enough: gaps and crowds make no difference. Other values are found by walking along the
 * key, which reads the table once more, on the server alone. A table without a key, or with one of
 * a type that has no order which a constant can be compared in, stays whole.
 */
final class KeyRanges {

    /** Where statistics do not tell. */
    private static final long USUAL_ROW_BYTES = 128;

    private static final long FEWEST_ROWS = 16;

    private KeyRanges() {}

    /** How the values of a key's column are written and compared. */
    private enum Form {
        NUMBER,
        TEXT,
        BYTES
    }

    static Cut cut(Connection connection, TableDefinition table, long chunkBytes)
            throws SQLException {
        Optional<Form> form = form(table);
        if (form.isEmpty()) {
            return new Cut(layout(table), List.of(""));
        }
        long rowBytes =
                table.estimatedRows() > 0 && table.estimatedBytes() > 0
                        ? Math.max(1, table.estimatedBytes() / table.estimatedRows())
                        : USUAL_ROW_BYTES;
        long rows = Math.max(FEWEST_ROWS, chunkBytes / rowBytes);
        List<String> bounds =
                leading(table).dataType() instanceof DataType.Int
                        ? halved(connection, table, rows)
                        : walked(connection, table, form.get(), rows);
        List<String> ranges = new ArrayList<>();
        String low = "";
        for (String high : bounds) {
            ranges.add(low + ":" + high);
            low = high;
        }
        ranges.add(low + ":");
        return new Cut(layout(table), ranges);
    }

    /** Rows stay in their range as long as the key's column is the same. */
    static String layout(TableDefinition table) {
        return table.primaryKey().isEmpty()
                ? ""
                : "%s %s %s"
                        .formatted(
                                table.primaryKey().getFirst(),
                                leading(table).nativeType(),
                                leading(table).collation());
    }

    /**
     * The condition of a range, and what belongs in its place-holders.
     *
     * @param condition empty for the whole table
     */
    record Bounds(String condition, Form form, @Nullable String low, @Nullable String high) {

        void bind(PreparedStatement statement) throws SQLException {
            int at = 1;
            if (low != null) {
                set(statement, at++, form, low);
            }
            if (high != null) {
                set(statement, at, form, high);
            }
        }
    }

    static Bounds bounds(TableDefinition table, String range) {
        String[] ends = range.split(":", -1);
        if (range.isEmpty()) {
            return new Bounds("", Form.TEXT, null, null);
        }
        Form form = form(table).orElse(null);
        if (ends.length != 2 || form == null) {
            throw new ConnectorException(
                    ErrorClass.FATAL,
                    "%s: not a part of the table: %s".formatted(table.table(), range));
        }
        String column = Sql.identifier(table.primaryKey().getFirst());
        List<String> conditions = new ArrayList<>();
        if (!ends[0].isEmpty()) {
            conditions.add(column + " > ?");
        }
        if (!ends[1].isEmpty()) {
            conditions.add(column + " <= ?");
        }
        return new Bounds(
                conditions.isEmpty()
                        ? ""
                        : " FORCE INDEX (PRIMARY) WHERE " + String.join(" AND ", conditions),
                form,
                ends[0].isEmpty() ? null : ends[0],
                ends[1].isEmpty() ? null : ends[1]);
    }

    private static List<String> halved(Connection connection, TableDefinition table, long rows)
            throws SQLException {
        String column = Sql.identifier(table.primaryKey().getFirst());
        String ends = "SELECT MIN(%1$s), MAX(%1$s) FROM %2$s";
        BigInteger low;
        BigInteger high;
        try (PreparedStatement statement =
                        connection.prepareStatement(
                                ends.formatted(column, Sql.table(table.table())));
                ResultSet row = statement.executeQuery()) {
            row.next();
            if (row.getString(1) == null) {
                return List.of();
            }
            low = new BigInteger(row.getString(1));
            high = new BigInteger(row.getString(2));
        }
        // Not with FORCE INDEX, under which the server does not look into the index.
        String estimate =
                "EXPLAIN FORMAT=TRADITIONAL SELECT %1$s FROM %2$s WHERE %1$s > ? AND %1$s <= ?"
                        .formatted(column, Sql.table(table.table()));
        List<String> bounds = new ArrayList<>();
        // Each on the stack has the ones above it to its left.
        Deque<BigInteger[]> open = new ArrayDeque<>();
        open.push(new BigInteger[] {low.subtract(BigInteger.ONE), high});
        try (PreparedStatement statement = connection.prepareStatement(estimate)) {
            while (!open.isEmpty()) {
                BigInteger[] range = open.pop();
                BigInteger width = range[1].subtract(range[0]);
                if (width.compareTo(BigInteger.valueOf(rows)) > 0
                        && estimate(statement, range) > rows) {
                    BigInteger middle = range[0].add(width.shiftRight(1));
                    open.push(new BigInteger[] {middle, range[1]});
                    open.push(new BigInteger[] {range[0], middle});
                } else if (range[1].compareTo(high) < 0) {
                    bounds.add(range[1].toString());
                }
            }
        }
        return bounds;
    }

    private static long estimate(PreparedStatement statement, BigInteger[] range)
            throws SQLException {
        set(statement, 1, Form.NUMBER, range[0].toString());
        set(statement, 2, Form.NUMBER, range[1].toString());
        try (ResultSet row = statement.executeQuery()) {
            return row.next() ? row.getLong("rows") : 0;
        }
    }

    private static List<String> walked(
            Connection connection, TableDefinition table, Form form, long rows)
            throws SQLException {
        String column = Sql.identifier(table.primaryKey().getFirst());
        String step =
                "SELECT %1$s FROM %2$s FORCE INDEX (PRIMARY)%3$s ORDER BY %1$s LIMIT 1 OFFSET %4$d";
        List<String> bounds = new ArrayList<>();
        String last = null;
        while (true) {
            String sql =
                    step.formatted(
                            column,
                            Sql.table(table.table()),
                            last == null ? "" : " WHERE " + column + " > ?",
                            rows - 1);
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                if (last != null) {
                    set(statement, 1, form, last);
                }
                try (ResultSet row = statement.executeQuery()) {
                    String next = row.next() ? text(row, form) : "";
                    // One that is empty is the least of all, and no bound that can be written.
                    if (next.isEmpty() || !follows(connection, table, form, last, next)) {
                        return bounds;
                    }
                    bounds.add(next);
                    last = next;
                }
            }
        }
    }

    private static String text(ResultSet row, Form form) throws SQLException {
        return switch (form) {
            case NUMBER -> row.getString(1);
            case BYTES -> HexFormat.of().formatHex(row.getBytes(1));
            case TEXT ->
                    HexFormat.of().formatHex(row.getString(1).getBytes(StandardCharsets.UTF_8));
        };
    }

    /**
     * Whether the bound, as we know it, is a key behind the last: a character may be lost to us.
     */
    private static boolean follows(
            Connection connection,
            TableDefinition table,
            Form form,
            @Nullable String last,
            String next)
            throws SQLException {
        String column = Sql.identifier(table.primaryKey().getFirst());
        String sql =
                "SELECT EXISTS (SELECT 1 FROM %1$s WHERE %2$s = ?%3$s)"
                        .formatted(
                                Sql.table(table.table()),
                                column,
                                last == null ? "" : " AND " + column + " > ?");
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            set(statement, 1, form, next);
            if (last != null) {
                set(statement, 2, form, last);
            }
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }

    private static void set(PreparedStatement statement, int at, Form form, String bound)
            throws SQLException {
        switch (form) {
            case NUMBER -> statement.setBigDecimal(at, new BigDecimal(bound));
            case TEXT ->
                    statement.setString(
                            at, new String(HexFormat.of().parseHex(bound), StandardCharsets.UTF_8));
            case BYTES -> statement.setBytes(at, HexFormat.of().parseHex(bound));
        }
    }

    private static Optional<Form> form(TableDefinition table) {
        if (table.primaryKey().isEmpty()) {
            return Optional.empty();
        }
        return switch (leading(table).dataType()) {
            case DataType.Int number -> Optional.of(Form.NUMBER);
            case DataType.Chars chars -> Optional.of(Form.TEXT);
            // Not as text: the server compares a decimal with a text as doubles.
            case DataType.Decimal number -> Optional.of(Form.NUMBER);
            case DataType.Date date -> Optional.of(Form.TEXT);
            case DataType.DateTime dateTime -> Optional.of(Form.TEXT);
            case DataType.Moment moment -> Optional.of(Form.TEXT);
            case DataType.Binary binary -> Optional.of(Form.BYTES);
            default -> Optional.empty();
        };
    }

    private static ColumnDefinition leading(TableDefinition table) {
        String name = table.primaryKey().getFirst();
        return table.columns().stream()
                .filter(column -> column.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
