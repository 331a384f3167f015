package io.sluice.testkit;

import io.sluice.testkit.RowStream.Row;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One database of a comparison across engines, read in one view from its making to its close. For
 * one thread.
 */
abstract sealed class ComparedSide implements AutoCloseable permits PostgresSide, MySqlSide {
    private final Connection connection;

    ComparedSide(Connection connection) {
        this.connection = connection;
    }

    static ComparedSide of(Connection connection) throws SQLException {
        String product = connection.getMetaData().getDatabaseProductName();
        return switch (product) {
            case "PostgreSQL" -> new PostgresSide(connection);
            case "MySQL" -> new MySqlSide(connection);
            default -> throw new ServerException("no comparison knows a database of " + product);
        };
    }

    /** Takes the table's two parts and gives name, type, its whole form, and whether in the key. */
    abstract String columnsSql();

    abstract ComparedColumn column(String name, String type, String wholeType, boolean inKey);

    /** Of a table's name with its dot. */
    abstract String quoted(String table);

    /** So that the driver gives row after row. */
    abstract int fetchSize();

    Connection connection() {
        return connection;
    }

    /** By name. */
    List<ComparedColumn> columns(String table) throws SQLException {
        int dot = table.indexOf('.');
        if (dot < 0) {
            throw new IllegalArgumentException("a table is named with its schema: " + table);
        }
        try (PreparedStatement statement = connection.prepareStatement(columnsSql())) {
            statement.setString(1, table.substring(0, dot));
            statement.setString(2, table.substring(dot + 1));
            List<ComparedColumn> columns = new ArrayList<>();
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    columns.add(
                            column(
                                    result.getString(1),
                                    result.getString(2),
                                    result.getString(3),
                                    result.getBoolean(4)));
                }
            }
            if (columns.isEmpty()) {
                throw new ServerException("there is no table " + table + " to compare");
            }
            columns.sort(Comparator.comparing(ComparedColumn::name));
            return columns;
        }
    }

    /** Key columns first, then the others; or the whole row and the number of its copies. */
    RowStream rows(String table, List<ComparedColumn> columns) throws SQLException {
        boolean keyed = columns.stream().anyMatch(ComparedColumn::inKey);
        List<ComparedColumn> sorted =
                columns.stream().filter(column -> column.inKey() == keyed).toList();
        List<ComparedColumn> rest =
                columns.stream().filter(column -> column.inKey() != keyed).toList();
        String sql =
                Stream.concat(sorted.stream(), rest.stream())
                        .map(ComparedColumn::expression)
                        .collect(Collectors.joining(", ", "SELECT ", " FROM " + quoted(table)));
        RowSorting sorting = new RowSorting(!keyed);
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(fetchSize());
            try (ResultSet result = statement.executeQuery(sql)) {
                while (result.next()) {
                    sorting.add(
                            new Row(
                                    values(result, sorted, 1),
                                    values(result, rest, 1 + sorted.size())));
                }
            }
            return sorting.sorted();
        } catch (SQLException | RuntimeException e) {
            sorting.close();
            throw e;
        }
    }

    private static List<@Nullable String> values(
            ResultSet result, List<ComparedColumn> columns, int first) throws SQLException {
        List<@Nullable String> values = new ArrayList<>(columns.size());
        for (int i = 0; i < columns.size(); i++) {
            values.add(columns.get(i).canonical(result.getString(first + i)));
        }
        return values;
    }

    @Override
    public abstract void close();
}
