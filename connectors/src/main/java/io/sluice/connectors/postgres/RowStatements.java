package io.sluice.connectors.postgres;

import io.sluice.change.Column;
import io.sluice.change.LogicalType;
import io.sluice.change.Row;
import io.sluice.change.TableSchema;
import io.sluice.connectors.postgres.TargetTable.Match;
import io.sluice.connectors.postgres.TargetTable.TargetColumn;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The statements that change rows. Each takes any number of rows, as one array per column, except
 * those for tables without a key, which take one row.
 *
 * <p>Values arrive in the array type of their logical type, are cast to the column's base type, and
 * become the column's type by assignment: casting would cut what is too long, assigning refuses it.
 */
final class RowStatements {

    private RowStatements() {}

    /** One array for each column of the schema. */
    static String insert(TargetTable target, TableSchema schema) {
        String into = "INSERT INTO " + Sql.table(target.id());
        List<Column> columns = schema.columns();
        boolean numbered =
                columns.stream().anyMatch(column -> target.column(column.name()).identityAlways());
        List<Integer> all = IntStream.range(0, columns.size()).boxed().toList();
        return into
                + columns.stream()
                        .map(column -> Sql.identifier(column.name()))
                        .collect(Collectors.joining(", ", " (", ")"))
                + (numbered ? " OVERRIDING SYSTEM VALUE" : "")
                + " SELECT "
                + String.join(", ", casts(target, schema, all))
                + " FROM "
                + unnest(schema, all);
    }

    /** For a table without columns that changes carry; no parameters, one row. */
    static String insertDefaults(TargetTable target) {
        return "INSERT INTO " + Sql.table(target.id()) + " DEFAULT VALUES";
    }

    /** One array for each key column, then one for each written column. */
    static String update(TargetTable target, TableSchema schema, List<Integer> written) {
        List<Integer> sent = new ArrayList<>(schema.key());
        sent.addAll(written);
        int keys = schema.key().size();
        List<String> casts = casts(target, schema, sent);
        List<String> named =
                IntStream.range(0, sent.size()).mapToObj(i -> casts.get(i) + " AS v" + i).toList();
        return "UPDATE "
                + rowsOf(target)
                + " AS t SET "
                + settings(schema, written, i -> "u.v" + (keys + i))
                + " FROM (SELECT "
                + String.join(", ", named)
                + " FROM "
                + unnest(schema, sent)
                + ") AS u WHERE "
                + keyEquals(target, schema, (i, equality) -> equality + " u.v" + i);
    }

    /** One array for each key column. */
    static String delete(TargetTable target, TableSchema schema) {
        String from = "DELETE FROM " + rowsOf(target) + " AS t";
        List<Integer> key = schema.key();
        if (key.size() == 1) {
            String array =
                    cast(
                            "?::" + arrayType(schema, key.getFirst()),
                            target,
                            schema,
                            key.getFirst(),
                            "[]");
            return from
                    + " WHERE "
                    + keyEquals(target, schema, (i, equality) -> equality + " ANY (" + array + ")");
        }
        List<String> casts = casts(target, schema, key);
        List<String> named =
                IntStream.range(0, key.size()).mapToObj(i -> casts.get(i) + " AS v" + i).toList();
        return from
                + " USING (SELECT "
                + String.join(", ", named)
                + " FROM "
                + unnest(schema, key)
                + ") AS u WHERE "
                + keyEquals(target, schema, (i, equality) -> equality + " u.v" + i);
    }

    /**
     * One array for each key column; answers with the places in them of the rows that stand.
     *
     * @param rest what follows the join of the rows, which are called {@code t}
     */
    static String places(TargetTable target, TableSchema schema, String rest) {
        List<Integer> key = schema.key();
        List<String> casts = casts(target, schema, key);
        String named =
                IntStream.range(0, key.size())
                        .mapToObj(i -> casts.get(i) + " AS v" + i)
                        .collect(Collectors.joining(", "));
        String arrays =
                key.stream()
                        .map(position -> "?::" + arrayType(schema, position))
                        .collect(Collectors.joining(", "));
        String names =
                IntStream.range(0, key.size())
                        .mapToObj(i -> "c" + i)
                        .collect(Collectors.joining(", "));
        return "SELECT u.place FROM (SELECT %s, x.place FROM unnest(%s) WITH ORDINALITY AS x(%s, place)) AS u JOIN %s AS t ON %s %s"
                .formatted(
                        named,
                        arrays,
                        names,
                        rowsOf(target),
                        keyEquals(target, schema, (i, equality) -> equality + " u.v" + i),
                        rest);
    }

    /**
     * Asks {@code COPY} for the rows of these keys, each with the key's place before it.
     *
     * @param from the first one's place
     */
    static String found(TargetTable target, TableSchema schema, List<Row> keys, int from) {
        String names =
                IntStream.range(0, schema.key().size())
                        .mapToObj(i -> "v" + i)
                        .collect(Collectors.joining(", "));
        String values =
                IntStream.range(0, keys.size())
                        .mapToObj(i -> (from + i) + ", " + constants(target, schema, keys.get(i)))
                        .collect(Collectors.joining("), (", "(", ")"));
        String columns =
                schema.columns().stream()
                        .map(column -> ", t." + Sql.identifier(column.name()))
                        .collect(Collectors.joining());
        return "COPY (SELECT u.place%s FROM (VALUES %s) AS u(place, %s) JOIN %s AS t ON %s) TO STDOUT"
                .formatted(
                        columns,
                        values,
                        names,
                        rowsOf(target),
                        keyEquals(target, schema, (i, equality) -> equality + " u.v" + i));
    }

    /** The values of a row's key as constants of their columns' types. */
    static String constants(TargetTable target, TableSchema schema, Row key) {
        return schema.key().stream()
                .map(
                        position ->
                                RowLookup.literal(key.get(position))
                                        + "::"
                                        + target.column(schema.columns().get(position).name())
                                                .castType())
                .collect(Collectors.joining(", "));
    }

    /** For a table without a key: the written values, then all values of the row as it was. */
    static String updateOne(TargetTable target, TableSchema schema, List<Integer> written) {
        return "UPDATE "
                + rowsOf(target)
                + " AS t SET "
                + settings(
                        schema,
                        written,
                        i ->
                                cast(
                                        "?::" + type(schema, written.get(i)),
                                        target,
                                        schema,
                                        written.get(i),
                                        ""))
                + " WHERE "
                + oneRow(target, schema);
    }

    /** For a table without a key: all values of the row. */
    static String deleteOne(TargetTable target, TableSchema schema) {
        return "DELETE FROM " + rowsOf(target) + " AS t WHERE " + oneRow(target, schema);
    }

    /** The type of the array in which a column's values are sent. */
    static String arrayElement(LogicalType type) {
        return switch (type) {
            case BOOLEAN -> "bool";
            case INTEGER -> "int8";
            case FLOAT -> "float4";
            case DOUBLE -> "float8";
            case BYTES -> "bytea";
            case TEXT -> "text";
        };
    }

    private static String oneRow(TargetTable target, TableSchema schema) {
        String inner = target.partitioned() ? "s.tableoid, s.ctid" : "s.ctid";
        String outer = target.partitioned() ? "(t.tableoid, t.ctid)" : "t.ctid";
        StringBuilder where = new StringBuilder();
        for (int i = 0; i < schema.columns().size(); i++) {
            String name = "s." + Sql.identifier(schema.columns().get(i).name());
            TargetColumn column = target.column(schema.columns().get(i).name());
            boolean byValue = column.match() == Match.VALUE && isNative(schema, i, column);
            String value = cast("?::" + type(schema, i), target, schema, i, "");
            where.append(i == 0 ? " WHERE " : " AND ")
                    .append(byValue ? name : printed(name))
                    .append(" IS NOT DISTINCT FROM ")
                    .append(byValue ? value : printedOnce(value));
        }
        return outer
                + " = (SELECT "
                + inner
                + " FROM "
                + rowsOf(target)
                + " AS s"
                + where
                + " LIMIT 1)";
    }

    /**
     * What the type's output function prints, which is what the log holds. A cast to text is
     * another function for some types. A composite of nulls is not null, and IS NULL says it is.
     */
    private static String printed(String column) {
        return "CASE WHEN %1$s IS DISTINCT FROM NULL THEN format('%%s', %1$s) END COLLATE \"C\""
                .formatted(column);
    }

    /**
     * A value as its column would print it. Another engine's text of it may be another one: with
     * zeros at the end of a second, or other spaces in a document.
     */
    private static String printedOnce(String value) {
        return "(SELECT %s FROM (SELECT %s) AS p(v))".formatted(printed("p.v"), value);
    }

    /** Whether the value comes in a form that the column's own equality can be asked with. */
    private static boolean isNative(TableSchema schema, int position, TargetColumn column) {
        return schema.columns().get(position).type() != LogicalType.TEXT
                || column.castType().equals("numeric");
    }

    private static String settings(
            TableSchema schema, List<Integer> written, IntFunction<String> value) {
        return IntStream.range(0, written.size())
                .mapToObj(
                        i ->
                                Sql.identifier(schema.columns().get(written.get(i)).name())
                                        + " = "
                                        + value.apply(i))
                .collect(Collectors.joining(", "));
    }

    private static String keyEquals(
            TargetTable target,
            TableSchema schema,
            BiFunction<Integer, String, String> comparison) {
        return IntStream.range(0, schema.key().size())
                .mapToObj(
                        i -> {
                            String name = schema.columns().get(schema.key().get(i)).name();
                            return "t."
                                    + Sql.identifier(name)
                                    + " "
                                    + comparison.apply(i, target.column(name).equality());
                        })
                .collect(Collectors.joining(" AND "));
    }

    private static List<String> casts(
            TargetTable target, TableSchema schema, List<Integer> positions) {
        return IntStream.range(0, positions.size())
                .mapToObj(i -> cast("x.c" + i, target, schema, positions.get(i), ""))
                .toList();
    }

    private static String cast(
            String value, TargetTable target, TableSchema schema, int position, String suffix) {
        Column column = schema.columns().get(position);
        String wanted = target.column(column.name()).castType();
        if (wanted.equals("boolean") && column.type() == LogicalType.INTEGER) {
            // A cast of numbers would take all but 0 for true; the text of 2 is refused.
            return value + "::text" + suffix + "::boolean" + suffix;
        }
        return wanted.equals("text") && column.type() == LogicalType.TEXT
                ? value
                : value + "::" + wanted + suffix;
    }

    private static String unnest(TableSchema schema, List<Integer> positions) {
        String arrays =
                positions.stream()
                        .map(position -> "?::" + arrayType(schema, position))
                        .collect(Collectors.joining(", "));
        String names =
                IntStream.range(0, positions.size())
                        .mapToObj(i -> "c" + i)
                        .collect(Collectors.joining(", "));
        return "unnest(" + arrays + ") AS x(" + names + ")";
    }

    private static String arrayType(TableSchema schema, int position) {
        return type(schema, position) + "[]";
    }

    private static String type(TableSchema schema, int position) {
        return arrayElement(schema.columns().get(position).type());
    }

    /**
     * A plain table alone, without those that inherit from it; a partitioned one with its parts.
     */
    static String rowsOf(TargetTable target) {
        return (target.partitioned() ? "" : "ONLY ") + Sql.table(target.id());
    }
}
