package io.sluice.connectors.postgres;

import io.sluice.change.Column;
import io.sluice.change.LogicalType;
import io.sluice.change.Row;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.RowRefusedException;
import io.sluice.connectors.spi.TableOperation.DeleteRows;
import io.sluice.connectors.spi.TableOperation.InsertRows;
import io.sluice.connectors.spi.TableOperation.UpdateRows;
import java.lang.reflect.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Sends rows to the target, many to a statement. Used by one thread.
 *
 * <p>Statements stay prepared, and what was read of the target's tables stays known, until one does
 * not fit any more.
 */
final class RowWriter {

    /** Bounds on what one statement carries; a single larger row still goes, alone. */
    private static final int MOST_ROWS = 10_000;

    private static final long MOST_BYTES = 8L << 20;

    private static final int MOST_STATEMENTS = 256;

    private final String place;
    private final Connection connection;
    private final Map<TableId, TargetTable> tables = new HashMap<>();
    private final Map<StatementKey, PreparedStatement> statements =
            new LinkedHashMap<>(64, 0.75f, true);

    private enum Kind {
        INSERT,
        UPDATE,
        DELETE
    }

    private record StatementKey(Kind kind, TableSchema schema, List<Integer> written) {}

    /** A column to send: which position of which rows. */
    private record Sent(int position, List<Row> rows) {}

    RowWriter(String place, Connection connection) {
        this.place = place;
        this.connection = connection;
    }

    long insert(InsertRows insert) {
        TableSchema schema = insert.table();
        List<Row> rows = insert.rows();
        return guarded(
                "inserting into",
                schema,
                rows,
                rows,
                () -> {
                    if (schema.columns().isEmpty()) {
                        return insertDefaults(schema, rows.size());
                    }
                    PreparedStatement statement =
                            statement(
                                    new StatementKey(Kind.INSERT, schema, List.of()),
                                    target -> RowStatements.insert(target, schema));
                    return inChunks(
                            rows,
                            rows,
                            (from, to) -> {
                                int parameter = 1;
                                for (int i = 0; i < schema.columns().size(); i++) {
                                    bind(statement, parameter++, schema, i, rows.subList(from, to));
                                }
                                return statement.executeUpdate();
                            });
                });
    }

    long update(UpdateRows update) {
        TableSchema schema = update.table();
        // An update that changes nothing still has to find its row.
        List<Integer> written =
                update.written().isEmpty() && schema.hasKey() ? schema.key() : update.written();
        List<Row> before = update.before();
        List<Row> after = update.written().isEmpty() ? before : update.after();
        return guarded(
                "updating",
                schema,
                before,
                after,
                () -> {
                    StatementKey key = new StatementKey(Kind.UPDATE, schema, written);
                    if (!schema.hasKey()) {
                        return updateOneByOne(key, before, after);
                    }
                    PreparedStatement statement =
                            statement(key, target -> RowStatements.update(target, schema, written));
                    return inChunks(
                            before,
                            after,
                            (from, to) -> {
                                int parameter = 1;
                                for (int position : schema.key()) {
                                    bind(
                                            statement,
                                            parameter++,
                                            schema,
                                            position,
                                            before.subList(from, to));
                                }
                                for (int position : written) {
                                    bind(
                                            statement,
                                            parameter++,
                                            schema,
                                            position,
                                            after.subList(from, to));
                                }
                                return statement.executeUpdate();
                            });
                });
    }

    long delete(DeleteRows delete) {
        TableSchema schema = delete.table();
        List<Row> before = delete.before();
        return guarded(
                "deleting from",
                schema,
                before,
                before,
                () -> {
                    StatementKey key = new StatementKey(Kind.DELETE, schema, List.of());
                    if (!schema.hasKey()) {
                        return deleteOneByOne(key, before);
                    }
                    PreparedStatement statement =
                            statement(key, target -> RowStatements.delete(target, schema));
                    return inChunks(
                            before,
                            before,
                            (from, to) -> {
                                int parameter = 1;
                                for (int position : schema.key()) {
                                    bind(
                                            statement,
                                            parameter++,
                                            schema,
                                            position,
                                            before.subList(from, to));
                                }
                                return statement.executeUpdate();
                            });
                });
    }

    /** The tables as {@code TRUNCATE} takes them: those that inherit from them are not meant. */
    String emptied(List<TableId> names) throws SQLException {
        List<String> emptied = new ArrayList<>();
        for (TableId name : names) {
            emptied.add(RowStatements.rowsOf(target(name)));
        }
        return String.join(", ", emptied);
    }

    private long insertDefaults(TableSchema schema, int count) throws SQLException {
        PreparedStatement statement =
                statement(
                        new StatementKey(Kind.INSERT, schema, List.of()),
                        RowStatements::insertDefaults);
        long inserted = 0;
        for (int i = 0; i < count; i++) {
            inserted += statement.executeUpdate();
        }
        return inserted;
    }

    private long updateOneByOne(StatementKey key, List<Row> before, List<Row> after)
            throws SQLException {
        TableSchema schema = key.schema();
        List<Integer> written =
                key.written().isEmpty() && !schema.columns().isEmpty() ? List.of(0) : key.written();
        PreparedStatement statement =
                statement(key, target -> RowStatements.updateOne(target, schema, written));
        long touched = 0;
        for (int i = 0; i < before.size(); i++) {
            int parameter = 1;
            for (int position : written) {
                bindOne(statement, parameter++, schema, position, after.get(i));
            }
            bindAll(statement, parameter, schema, before.get(i));
            touched += statement.executeUpdate();
        }
        return touched;
    }

    private long deleteOneByOne(StatementKey key, List<Row> before) throws SQLException {
        PreparedStatement statement =
                statement(key, target -> RowStatements.deleteOne(target, key.schema()));
        long touched = 0;
        for (Row row : before) {
            bindAll(statement, 1, key.schema(), row);
            touched += statement.executeUpdate();
        }
        return touched;
    }

    private void bindAll(PreparedStatement statement, int first, TableSchema schema, Row row)
            throws SQLException {
        for (int position = 0; position < schema.columns().size(); position++) {
            bindOne(statement, first + position, schema, position, row);
        }
    }

    private static void bindOne(
            PreparedStatement statement, int parameter, TableSchema schema, int position, Row row)
            throws SQLException {
        Object value = row.get(position);
        if (value == Row.NOT_SENT) {
            throw new IllegalArgumentException(
                    schema.table() + ": a value that is to be written was not sent");
        }
        switch (value) {
            case null -> statement.setNull(parameter, sqlType(schema, position));
            case Boolean flag -> statement.setBoolean(parameter, flag);
            case Long number -> statement.setLong(parameter, number);
            case Float number -> statement.setFloat(parameter, number);
            case Double number -> statement.setDouble(parameter, number);
            case byte[] bytes -> statement.setBytes(parameter, bytes);
            default -> statement.setString(parameter, (String) value);
        }
    }

    private static int sqlType(TableSchema schema, int position) {
        return switch (schema.columns().get(position).type()) {
            case BOOLEAN -> java.sql.Types.BOOLEAN;
            case INTEGER -> java.sql.Types.BIGINT;
            case FLOAT -> java.sql.Types.REAL;
            case DOUBLE -> java.sql.Types.DOUBLE;
            case BYTES -> java.sql.Types.BINARY;
            case TEXT -> java.sql.Types.VARCHAR;
        };
    }

    void bind(
            PreparedStatement statement,
            int parameter,
            TableSchema schema,
            int position,
            List<Row> rows)
            throws SQLException {
        Column column = schema.columns().get(position);
        LogicalType type = column.type();
        Object[] values = (Object[]) Array.newInstance(type.form(), rows.size());
        for (int i = 0; i < values.length; i++) {
            Object value = rows.get(i).get(position);
            if (value == Row.NOT_SENT) {
                throw new IllegalArgumentException(
                        "%s: a value of %s that is to be written was not sent"
                                .formatted(schema.table(), column.name()));
            }
            values[i] = value;
        }
        statement.setArray(
                parameter, connection.createArrayOf(RowStatements.arrayElement(type), values));
    }

    /** Work on the rows from the first index up to, not including, the second. */
    private interface Chunk {
        long execute(int from, int to) throws SQLException;
    }

    private static long inChunks(List<Row> rows, List<Row> others, Chunk chunk)
            throws SQLException {
        long touched = 0;
        int from = 0;
        long bytes = 0;
        for (int i = 0; i < rows.size(); i++) {
            long size = rows.get(i).sizeInBytes();
            if (others != rows) {
                size += others.get(i).sizeInBytes();
            }
            if (i > from && (i - from >= MOST_ROWS || bytes + size > MOST_BYTES)) {
                touched += chunk.execute(from, i);
                from = i;
                bytes = 0;
            }
            bytes += size;
        }
        return from < rows.size() ? touched + chunk.execute(from, rows.size()) : touched;
    }

    private PreparedStatement statement(StatementKey key, Function<TargetTable, String> sql)
            throws SQLException {
        PreparedStatement known = statements.get(key);
        if (known != null) {
            return known;
        }
        TargetTable target = target(key.schema());
        PreparedStatement statement = connection.prepareStatement(sql.apply(target));
        statements.put(key, statement);
        if (statements.size() > MOST_STATEMENTS) {
            StatementKey eldest = statements.keySet().iterator().next();
            PreparedStatement dropped = statements.remove(eldest);
            if (dropped != null) {
                dropped.close();
            }
        }
        return statement;
    }

    /** A column that is not known may have come since. */
    TargetTable target(TableSchema schema) throws SQLException {
        TargetTable known = target(schema.table());
        if (schema.columns().stream()
                .allMatch(column -> known.columns().containsKey(column.name()))) {
            return known;
        }
        tables.remove(schema.table());
        return target(schema.table());
    }

    private TargetTable target(TableId id) throws SQLException {
        TargetTable known = tables.get(id);
        if (known == null) {
            known = TargetTable.read(connection, id);
            tables.put(id, known);
        }
        return known;
    }

    private interface Work {
        long run() throws SQLException;
    }

    /**
     * @param written what the rows become
     */
    private long guarded(
            String verb, TableSchema schema, List<Row> rows, List<Row> written, Work work) {
        try {
            return rows.isEmpty() ? 0 : work.run();
        } catch (SQLException e) {
            ErrorClass errorClass = PostgresErrors.classify(e);
            if (errorClass == ErrorClass.FATAL) {
                // The table may have changed; what is tried next looks anew.
                tables.clear();
                statements.clear();
            }
            String step = "%s: %s %s".formatted(place, verb, schema.table());
            if (errorClass == ErrorClass.ROW && rows.size() == 1) {
                TargetTable target = tables.get(schema.table());
                String columns =
                        target == null ? "" : UnfitColumns.of(target, schema, written.getFirst());
                throw new RowRefusedException(
                        schema.table(),
                        schema.keyText(rows.getFirst()),
                        step + columns + " failed: " + PostgresErrors.reason(e),
                        PostgresErrors.cause(e),
                        PostgresErrors.isOfUniqueKey(e));
            }
            ConnectorException failure = PostgresErrors.failure(step, e);
            throw failure;
        }
    }
}
