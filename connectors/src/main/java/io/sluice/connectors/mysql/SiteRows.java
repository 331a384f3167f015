package io.sluice.connectors.mysql;

import io.sluice.change.Column;
import io.sluice.change.Row;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.CopyLineReader;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.TableDefinition;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Rows that are locked and read by their keys. Used by one thread.
 *
 * <p>Under {@code READ COMMITTED} a key that has no row locks nothing, and no gap beside it: who
 * inserts it meanwhile does not wait. The server is told to find the rows by their key, for in a
 * small table it would rather read all of them, and wait for those that others hold.
 */
final class SiteRows {

    private static final int MOST_TOGETHER = 500;

    private final Connection connection;
    private final Map<TableSchema, Known> known = new HashMap<>();

    /**
     * What is known of a table, until a statement does not fit it any more.
     *
     * @param key its columns alone, in the order of the schema's key
     * @param more what is read beside the key: an index that had all would be read from end to end
     * @param by which index is to be used
     */
    private record Known(
            RowStatements statements,
            CopyLine whole,
            CopyLine keyLine,
            TableSchema key,
            String more,
            String by) {}

    SiteRows(Connection connection) {
        this.connection = connection;
    }

    /**
     * @return which of the keys have a row, by their places
     */
    BitSet lock(TableSchema schema, List<Row> keys) throws SQLException {
        return places(schema, keys, " FOR UPDATE");
    }

    /**
     * Which of the rows are found.
     *
     * @param rest of the query, in which the table is called by its whole name
     */
    BitSet places(TableSchema schema, List<Row> keys, String rest) throws SQLException {
        Known table = known(schema);
        CopyLineReader reader = new CopyLineReader(table.key());
        Map<Row.Key, Integer> places = placesOf(schema, keys);
        BitSet standing = new BitSet(keys.size());
        try (Statement statement = connection.createStatement()) {
            for (int from = 0; from < keys.size(); from += MOST_TOGETHER) {
                int to = Math.min(keys.size(), from + MOST_TOGETHER);
                String expressions = table.keyLine().expressions() + table.more();
                ResultSet rows =
                        statement.executeQuery(
                                query(table, expressions, keys.subList(from, to)) + rest);
                while (rows.next()) {
                    Row.Key found = reader.row(table.keyLine().of(rows)).key(table.key().key());
                    standing.set(place(schema, places.get(found)));
                }
            }
            return standing;
        } catch (SQLException e) {
            known.remove(schema);
            throw e;
        }
    }

    private static Map<Row.Key, Integer> placesOf(TableSchema schema, List<Row> keys) {
        Map<Row.Key, Integer> places = new HashMap<>();
        for (int i = 0; i < keys.size(); i++) {
            places.put(keys.get(i).key(schema.key()), i);
        }
        return places;
    }

    private static String query(Known table, String expressions, List<Row> keys) {
        StringBuilder sql = new StringBuilder(table.statements().found(expressions, table.by()));
        for (int i = 0; i < keys.size(); i++) {
            sql.append(i == 0 ? "" : ", ");
            table.statements().key(sql, keys.get(i));
        }
        return sql.append(')').toString();
    }

    /** A row under a key that was not asked for is another site's row under the same key. */
    private static int place(TableSchema schema, @Nullable Integer place) {
        if (place == null) {
            throw new ConnectorException(
                    ErrorClass.FATAL,
                    "%s: a row has a key that the server takes for equal to another one, and that looks different. Give the key's texts the collation utf8mb4_0900_bin, and see that both sites have keys of the same types."
                            .formatted(schema.table()));
        }
        return place;
    }

    /** The rows that stand, by their keys' places. */
    Map<Integer, Row> find(TableSchema schema, List<Row> keys) throws SQLException {
        Known table = known(schema);
        CopyLineReader reader = new CopyLineReader(schema);
        Map<Row.Key, Integer> places = placesOf(schema, keys);
        Map<Integer, Row> found = new HashMap<>();
        try (Statement statement = connection.createStatement()) {
            for (int from = 0; from < keys.size(); from += MOST_TOGETHER) {
                int to = Math.min(keys.size(), from + MOST_TOGETHER);
                ResultSet rows =
                        statement.executeQuery(
                                query(table, table.whole().expressions(), keys.subList(from, to)));
                while (rows.next()) {
                    Row row = reader.row(table.whole().of(rows));
                    found.put(place(schema, places.get(row.key(schema.key()))), row);
                }
            }
            return found;
        } catch (SQLException e) {
            known.remove(schema);
            throw e;
        }
    }

    /** The rows that a condition holds for, in no order. */
    List<Row> where(TableSchema schema, String condition) throws SQLException {
        Known table = known(schema);
        CopyLineReader reader = new CopyLineReader(schema);
        List<Row> found = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT %s FROM %s WHERE %s"
                                        .formatted(
                                                table.whole().expressions(),
                                                Sql.table(schema.table()),
                                                condition))) {
            while (rows.next()) {
                found.add(reader.row(table.whole().of(rows)));
            }
            return found;
        } catch (SQLException e) {
            known.remove(schema);
            throw e;
        }
    }

    private Known known(TableSchema schema) throws SQLException {
        Known table = known.get(schema);
        if (table == null) {
            table = read(schema);
            known.put(schema, table);
        }
        return table;
    }

    private Known read(TableSchema schema) throws SQLException {
        RowStatements statements =
                new RowStatements(TargetTable.read(connection, schema.table()), schema);
        TableDefinition definition =
                MySqlCatalog.tables(connection, List.of(schema.table())).getFirst();
        Map<String, ColumnDefinition> byName =
                definition.columns().stream()
                        .collect(Collectors.toMap(ColumnDefinition::name, Function.identity()));
        List<Column> key = schema.key().stream().map(schema.columns()::get).toList();
        boolean primary = Set.copyOf(definition.primaryKey()).equals(Set.copyOf(schema.keyNames()));
        return new Known(
                statements,
                line(byName, schema.columns()),
                line(byName, key),
                new TableSchema(
                        schema.table(), key, IntStream.range(0, key.size()).boxed().toList()),
                schema.columns().stream()
                        .filter(column -> !key.contains(column))
                        .findFirst()
                        .map(column -> ", " + Sql.identifier(column.name()) + " IS NULL")
                        .orElse(""),
                primary ? " FORCE INDEX (PRIMARY)" : "");
    }

    private static CopyLine line(Map<String, ColumnDefinition> byName, List<Column> columns) {
        return new CopyLine(
                columns.stream()
                        .map(Column::name)
                        .map(name -> Objects.requireNonNull(byName.get(name), name))
                        .toList());
    }
}
