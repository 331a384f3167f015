package io.sluice.connectors.postgres;

import io.sluice.change.Column;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.TableLoads.Changes;
import io.sluice.connectors.spi.TableLoads.Loaded;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;

/**
 * Gives a table the rows of another one, inside a transaction. Whoever reads meanwhile sees the old
 * rows, whatever the isolation: nothing is truncated.
 */
final class RowExchange {

    private static final String UNIQUE_VIOLATION = "23505";
    private static final String EXCLUSION_VIOLATION = "23P01";

    /** Of the table, its partitions and its heirs. */
    private static final String CASCADES =
            """
            WITH RECURSIVE part(oid) AS (
              SELECT to_regclass(?)::oid
              UNION SELECT i.inhrelid FROM pg_inherits i JOIN part p ON p.oid = i.inhparent)
            SELECT f.conrelid::regclass::text
            FROM pg_constraint f JOIN part p ON p.oid = f.confrelid
            WHERE f.contype = 'f' AND f.confdeltype IN ('c', 'n', 'd') ORDER BY 1 LIMIT 1
            """;

    private final Connection connection;
    private final boolean foreignKeysAreOff;

    RowExchange(Connection connection, boolean foreignKeysAreOff) {
        this.connection = connection;
        this.foreignKeysAreOff = foreignKeysAreOff;
    }

    /** Rows that are deleted to be inserted again would take those that refer to them along. */
    void requireNoCascade(TableId table) throws SQLException {
        if (foreignKeysAreOff) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement(CASCADES)) {
            statement.setString(1, Sql.table(table));
            ResultSet row = statement.executeQuery();
            if (row.next()) {
                throw new ConnectorException(
                        ErrorClass.FATAL,
                        ("%s cannot be loaded: a foreign key of %s would delete or change the rows"
                                        + " there along with those that are replaced. Let the role set"
                                        + " session_replication_role, or make it ON DELETE NO ACTION.")
                                .formatted(table, row.getString(1)));
            }
        }
    }

    /** Under a lock that keeps a foreign key from being made meanwhile. */
    private void beforeDeleting(TableId table) throws SQLException {
        if (!foreignKeysAreOff) {
            execute("LOCK TABLE %s IN ROW EXCLUSIVE MODE".formatted(Sql.table(table)));
            requireNoCascade(table);
        }
    }

    void replace(Loaded loaded) throws SQLException {
        String table = Sql.table(loaded.table().table());
        beforeDeleting(loaded.table().table());
        execute("DELETE FROM " + table);
        execute(insertion(loaded.table(), loaded.shadow()) + " s");
    }

    /**
     * By comparing the rows' images, byte by byte, so that no type's own idea of what is equal lets
     * a difference stand. Rows that are other are updated; where they hand unique values to each
     * other, which an update refuses row by row, they are deleted and inserted.
     */
    Changes merge(Loaded loaded) throws SQLException {
        TableSchema schema = loaded.table();
        String table = Sql.table(schema.table());
        String shadow = Sql.table(loaded.shadow());
        String keys = keys(schema);
        beforeDeleting(schema.table());
        String differ = "%s AND %s *<> %s".formatted(keys, row(schema, "t"), row(schema, "s"));
        long deleted =
                execute(
                        "DELETE FROM %s t WHERE NOT EXISTS (SELECT FROM %s s WHERE %s)"
                                .formatted(table, shadow, keys));
        long updated;
        boolean anew = false;
        execute("SAVEPOINT updating");
        try {
            updated =
                    execute(
                            "UPDATE %s t SET %s FROM %s s WHERE %s"
                                    .formatted(table, assignments(schema), shadow, differ));
        } catch (SQLException e) {
            if (!UNIQUE_VIOLATION.equals(e.getSQLState())
                    && !EXCLUSION_VIOLATION.equals(e.getSQLState())) {
                throw e;
            }
            execute("ROLLBACK TO SAVEPOINT updating");
            updated =
                    execute(
                            "DELETE FROM %s t USING %s s WHERE %s"
                                    .formatted(table, shadow, differ));
            anew = true;
        }
        long inserted =
                execute(
                        insertion(schema, loaded.shadow())
                                + " s WHERE NOT EXISTS (SELECT FROM %s t WHERE %s)"
                                        .formatted(table, keys));
        return new Changes(anew ? inserted - updated : inserted, updated, deleted);
    }

    private static String keys(TableSchema schema) {
        StringJoiner keys = new StringJoiner(" AND ");
        for (String name : schema.keyNames()) {
            keys.add("t.%1$s = s.%1$s".formatted(Sql.identifier(name)));
        }
        return keys.toString();
    }

    /** The cast keeps the server from comparing column by column. */
    private static String row(TableSchema schema, String alias) {
        StringJoiner row = new StringJoiner(", ", "(ROW(", ")::record)");
        schema.columns().forEach(column -> row.add(alias + "." + Sql.identifier(column.name())));
        return row.toString();
    }

    private String assignments(TableSchema schema) throws SQLException {
        Set<String> numbered = numberedAlways(schema.table());
        StringJoiner assignments = new StringJoiner(", ");
        for (Column column : schema.columns()) {
            if (!numbered.contains(column.name())) {
                assignments.add("%1$s = s.%1$s".formatted(Sql.identifier(column.name())));
            }
        }
        return assignments.toString();
    }

    /** Columns that an update may not set. */
    private Set<String> numberedAlways(TableId table) throws SQLException {
        Set<String> names = new HashSet<>();
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "SELECT attname::text FROM pg_attribute WHERE attrelid = to_regclass(?) AND"
                                + " attidentity = 'a'")) {
            statement.setString(1, Sql.table(table));
            ResultSet rows = statement.executeQuery();
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        }
        return names;
    }

    private static String insertion(TableSchema schema, TableId shadow) {
        List<String> names = schema.columns().stream().map(Column::name).toList();
        return "INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM %s"
                .formatted(
                        Sql.table(schema.table()),
                        Sql.identifiers(names),
                        Sql.identifiers(names),
                        Sql.table(shadow));
    }

    private long execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.executeLargeUpdate(sql);
        }
    }
}
