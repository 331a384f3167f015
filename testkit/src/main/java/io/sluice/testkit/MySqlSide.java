package io.sluice.testkit;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** A database of MySQL in a comparison across engines. */
final class MySqlSide extends ComparedSide {
    private static final String COLUMNS =
            """
            SELECT c.column_name, c.data_type, c.column_type, k.column_name IS NOT NULL
              FROM information_schema.columns c
              LEFT JOIN information_schema.key_column_usage k
                ON k.table_schema = c.table_schema AND k.table_name = c.table_name
               AND k.column_name = c.column_name AND k.constraint_name = 'PRIMARY'
             WHERE c.table_schema = ? AND c.table_name = ?
            """;

    private final String timeZone;

    MySqlSide(Connection connection) throws SQLException {
        super(connection);
        try (Statement statement = connection.createStatement()) {
            try (ResultSet result = statement.executeQuery("SELECT @@session.time_zone")) {
                result.next();
                timeZone = result.getString(1);
            }
            connection.setAutoCommit(false);
            // Only in this level are all tables seen at one moment.
            statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
            statement.execute("SET SESSION time_zone = '+00:00'");
            statement.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
        }
    }

    @Override
    String columnsSql() {
        return COLUMNS;
    }

    @Override
    ComparedColumn column(String name, String type, String wholeType, boolean inKey) {
        String quoted = MySqlSql.quoted(name);
        String expression =
                switch (form(type)) {
                    case BYTES -> "HEX(" + quoted + ")";
                    // By itself a float shows six digits only; a double's sum may lose its last.
                    case FLOAT -> "CAST(" + quoted + " + 0e0 AS CHAR)";
                    case DOUBLE -> "CAST(" + quoted + " AS CHAR)";
                    default ->
                            type.equals("bit")
                                    ? "LPAD(BIN(" + quoted + "), " + width(wholeType) + ", '0')"
                                    : "CAST(" + quoted + " AS CHAR CHARACTER SET utf8mb4)";
                };
        return new ComparedColumn(name, inKey, form(type), expression);
    }

    private static ValueForm form(String type) {
        return switch (type) {
            case "tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "year" ->
                    ValueForm.NUMBER;
            case "float" -> ValueForm.FLOAT;
            case "double" -> ValueForm.DOUBLE;
            case "json" -> ValueForm.JSON;
            case "time", "datetime", "timestamp" -> ValueForm.MOMENT;
            case "bit", "char", "varchar", "tinytext", "text", "mediumtext", "longtext" ->
                    ValueForm.TEXT;
            case "enum", "set", "date" -> ValueForm.TEXT;
            default -> ValueForm.BYTES;
        };
    }

    /** Of "bit(5)". */
    private static String width(String wholeType) {
        return wholeType.replaceAll("\\D", "");
    }

    @Override
    String quoted(String table) {
        int dot = table.indexOf('.');
        return MySqlSql.quoted(table.substring(0, dot))
                + "."
                + MySqlSql.quoted(table.substring(dot + 1));
    }

    @Override
    int fetchSize() {
        return Integer.MIN_VALUE; // the driver's word for it
    }

    @Override
    public void close() {
        try (Statement statement = connection().createStatement()) {
            connection().rollback();
            statement.execute("SET SESSION time_zone = '" + timeZone + "'");
            connection().setAutoCommit(true);
        } catch (SQLException e) {
            // Broken: whoever uses it next learns that, and what was found stands.
        }
    }
}
