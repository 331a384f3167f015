package io.sluice.testkit;

import java.sql.Connection;
import java.sql.SQLException;

/** A database of PostgreSQL in a comparison across engines. */
final class PostgresSide extends ComparedSide {
    private static final String COLUMNS =
            """
            SELECT a.attname, base.typname, base.typname, coalesce(a.attnum = ANY (i.indkey), false)
              FROM pg_attribute a
              JOIN pg_class c ON c.oid = a.attrelid
              JOIN pg_namespace n ON n.oid = c.relnamespace
              JOIN pg_type t ON t.oid = a.atttypid
              JOIN pg_type base
                ON base.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
              LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
             WHERE n.nspname = ? AND c.relname = ? AND a.attnum > 0 AND NOT a.attisdropped
            """;

    PostgresSide(Connection connection) throws SQLException {
        super(connection);
        PostgresRows.beginReading(connection);
    }

    @Override
    String columnsSql() {
        return COLUMNS;
    }

    @Override
    ComparedColumn column(String name, String type, String wholeType, boolean inKey) {
        String quoted = PostgresSql.quoted(name);
        return switch (type) {
            case "bool" ->
                    new ComparedColumn(name, inKey, ValueForm.NUMBER, quoted + "::int::text");
            case "money" ->
                    new ComparedColumn(name, inKey, ValueForm.NUMBER, quoted + "::numeric::text");
            case "bytea" ->
                    new ComparedColumn(
                            name, inKey, ValueForm.BYTES, "encode(" + quoted + ", 'hex')");
            default -> new ComparedColumn(name, inKey, form(type), printed(quoted));
        };
    }

    /** As the type's output function prints it: a cast to text is another one for some types. */
    private static String printed(String column) {
        return "CASE WHEN %1$s IS DISTINCT FROM NULL THEN format('%%s', %1$s) END"
                .formatted(column);
    }

    private static ValueForm form(String type) {
        return switch (type) {
            case "int2", "int4", "int8", "numeric", "oid" -> ValueForm.NUMBER;
            case "bpchar" -> ValueForm.FILLED;
            case "uuid" -> ValueForm.UUID;
            case "float4" -> ValueForm.FLOAT;
            case "float8" -> ValueForm.DOUBLE;
            case "json", "jsonb" -> ValueForm.JSON;
            case "time", "timestamp", "timestamptz" -> ValueForm.MOMENT;
            default -> ValueForm.TEXT;
        };
    }

    @Override
    String quoted(String table) {
        return PostgresRows.quoted(table);
    }

    @Override
    int fetchSize() {
        return 500;
    }

    @Override
    public void close() {
        PostgresRows.endReading(connection());
    }
}
