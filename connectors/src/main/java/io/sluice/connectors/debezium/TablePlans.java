package io.sluice.connectors.debezium;

import io.debezium.util.Strings;
import io.sluice.change.Column;
import io.sluice.change.LogicalType;
import io.sluice.change.Row;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/**
 * How to read the rows of each table, worked out once for every time that the log announces the
 * table. The columns are those of the announcement, in its order; the catalog, which may be ahead
 * of the log, only adds the key. Used by one thread.
 */
final class TablePlans {

    // Debezium makes a new schema each time that the server announces a table, which it does again
    // after every ANALYZE. Old ones are of no use, but nothing says when.
    private static final int FORGET_AFTER = 4_096;

    private final Function<TableId, @Nullable TableSchema> catalog;
    private final IdentityHashMap<Schema, TablePlan> bySchema = new IdentityHashMap<>();
    private final Map<TableId, TableSchema> latest = new HashMap<>();

    TablePlans(Function<TableId, @Nullable TableSchema> catalog) {
        this.catalog = catalog;
    }

    /**
     * @param row the schema of the table's rows in a record
     * @param source the record's description of where it comes from
     */
    TablePlan plan(Schema row, Struct source) {
        TablePlan known = bySchema.get(row);
        if (known != null) {
            return known;
        }
        TableId table = new TableId(source.getString("schema"), source.getString("table"));
        TablePlan plan = make(table, row.fields());
        if (bySchema.size() >= FORGET_AFTER) {
            bySchema.clear();
        }
        bySchema.put(row, plan);
        return plan;
    }

    private TablePlan make(TableId table, List<Field> fields) {
        TableSchema now = catalog.apply(table);
        List<Column> columns = new ArrayList<>(fields.size());
        for (Field field : fields) {
            if (field.schema().defaultValue() != null) {
                throw new IllegalStateException(table + ": a default would be taken for NULL");
            }
            columns.add(new Column(nameOf(field.name(), now), typeOf(field.schema())));
        }
        TableSchema schema = new TableSchema(table, columns, key(columns, now));
        TableSchema before = latest.get(table);
        if (before != null && schema.equals(before)) {
            schema = before;
        }
        latest.put(table, schema);
        return new TablePlan(schema, fields);
    }

    private static LogicalType typeOf(Schema schema) {
        return CanonicalValue.typeOf(
                Integer.parseInt(schema.parameters().get(RawTextConverter.TYPE)));
    }

    /** Debezium strips a pair of quotes around a name, even where they are part of it. */
    private static String nameOf(String announced, @Nullable TableSchema now) {
        if (now == null) {
            return announced;
        }
        String found = null;
        for (Column column : now.columns()) {
            if (column.name().equals(announced)) {
                return announced;
            }
            if (Strings.unquoteIdentifierPart(column.name()).equals(announced)) {
                found = column.name();
            }
        }
        return found == null ? announced : found;
    }

    private static List<Integer> key(List<Column> columns, @Nullable TableSchema now) {
        if (now == null) {
            return List.of();
        }
        List<Integer> positions = new ArrayList<>();
        for (String name : now.keyNames()) {
            int position =
                    IntStream.range(0, columns.size())
                            .filter(i -> columns.get(i).name().equals(name))
                            .findFirst()
                            .orElse(-1);
            if (position < 0) {
                throw new ConnectorException(
                        ErrorClass.FATAL,
                        ("reading the log: table %s was altered, its key column %s is not in changes that"
                                        + " were made before. Nothing says which rows they are about: copy the"
                                        + " table again")
                                .formatted(now.table(), name));
            }
            positions.add(position);
        }
        positions.sort(Comparator.naturalOrder());
        return positions;
    }

    /** Reads rows of one table as one announcement described it. */
    static final class TablePlan {

        private final TableSchema schema;
        private final Field[] fields;
        private final LogicalType[] types;
        private final boolean[] inKey;

        TablePlan(TableSchema schema, List<Field> fields) {
            this.schema = schema;
            this.fields = fields.toArray(Field[]::new);
            types = schema.columns().stream().map(Column::type).toArray(LogicalType[]::new);
            inKey = new boolean[types.length];
            schema.key().forEach(position -> inKey[position] = true);
        }

        TableSchema schema() {
            return schema;
        }

        /** The row, with {@link Row#NOT_SENT} where the server left an unchanged value out. */
        @Nullable Object[] values(Struct row) {
            @Nullable Object[] values = new Object[fields.length];
            for (int i = 0; i < values.length; i++) {
                values[i] = value(i, row);
            }
            return values;
        }

        /**
         * The row before a change. The server sends either all of it, or the key alone with nulls
         * in the place of everything else, and Debezium does not tell which.
         */
        Row before(Struct row) {
            @Nullable Object[] values = values(row);
            if (schema.hasKey() && isKeyAlone(values)) {
                return keyAlone(values);
            }
            return Row.of(values);
        }

        private boolean isKeyAlone(@Nullable Object[] values) {
            for (int i = 0; i < values.length; i++) {
                if (!inKey[i] && values[i] != null) {
                    return false;
                }
            }
            return true;
        }

        /** The identity of a row that kept its key, from what it is now. */
        Row keyAlone(@Nullable Object[] values) {
            @Nullable Object[] key = values.clone();
            for (int i = 0; i < key.length; i++) {
                if (!inKey[i]) {
                    key[i] = Row.NOT_SENT;
                }
            }
            return Row.of(key);
        }

        private @Nullable Object value(int i, Struct row) {
            Object value = row.get(fields[i]);
            if (value == null) {
                return null;
            }
            if (value == RawTextConverter.NOT_SENT) {
                return Row.NOT_SENT;
            }
            try {
                return CanonicalValue.of(types[i], (String) value);
            } catch (IllegalArgumentException e) {
                // Without its cause, whose message holds the value.
                throw new ConnectorException(
                        ErrorClass.FATAL,
                        "reading the log: column %s of %s holds text that is not %s; please report this"
                                .formatted(
                                        schema.columns().get(i).name(), schema.table(), types[i]));
            }
        }
    }
}
