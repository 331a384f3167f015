package io.sluice.connectors.postgres;

import io.sluice.change.Column;
import io.sluice.change.Lsn;
import io.sluice.change.Row;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.CopyLineReader;
import io.sluice.connectors.spi.SourceDatabase.Found;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/** Looks one row up by its key, in the form in which values travel. */
final class RowLookup {

    /** A commit is seen by others before it is on disk, so it is the log's end in memory. */
    private static final String END =
            "SELECT (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()"
                    + " ELSE pg_current_wal_insert_lsn() END)::text";

    private RowLookup() {}

    static Found find(Connection connection, TableSchema schema, Row key) throws SQLException {
        Row row = row(connection, schema, key);
        try (Statement statement = connection.createStatement();
                ResultSet end = statement.executeQuery(END)) {
            end.next();
            return new Found(row, Lsn.parse(end.getString(1)));
        }
    }

    static @Nullable Row row(Connection connection, TableSchema schema, Row key)
            throws SQLException {
        List<String> names = schema.columns().stream().map(Column::name).toList();
        CopyOut copy =
                connection
                        .unwrap(PGConnection.class)
                        .getCopyAPI()
                        .copyOut(
                                "COPY (SELECT %s FROM %s%s WHERE %s LIMIT 1) TO STDOUT"
                                        .formatted(
                                                Sql.identifiers(names),
                                                partitioned(connection, schema) ? "" : "ONLY ",
                                                Sql.table(schema.table()),
                                                condition(schema, key)));
        Row row = null;
        byte[] line = copy.readFromCopy();
        while (line != null) {
            row = new CopyLineReader(schema).row(line);
            line = copy.readFromCopy();
        }
        return row;
    }

    private static boolean partitioned(Connection connection, TableSchema schema)
            throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "SELECT relkind = 'p' FROM pg_class WHERE oid = ?::regclass")) {
            statement.setString(1, Sql.table(schema.table()));
            ResultSet row = statement.executeQuery();
            row.next();
            return row.getBoolean(1);
        }
    }

    private static String condition(TableSchema schema, Row key) {
        return String.join(
                " AND ",
                schema.key().stream()
                        .map(
                                position ->
                                        "%s = %s"
                                                .formatted(
                                                        Sql.identifier(
                                                                schema.columns()
                                                                        .get(position)
                                                                        .name()),
                                                        literal(key.get(position))))
                        .toList());
    }

    /** A constant of no type yet. */
    static String literal(@Nullable Object value) {
        return value instanceof byte[] bytes
                ? Sql.literal("\\x" + HexFormat.of().formatHex(bytes))
                : Sql.literal(String.valueOf(value));
    }
}
