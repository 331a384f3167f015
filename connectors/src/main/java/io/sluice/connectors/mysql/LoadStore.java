package io.sluice.connectors.mysql;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.TableLoads.Changes;
import io.sluice.connectors.spi.TableLoads.Run;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The rows of {@code sluice.load} and {@code sluice.load_table} of one pipeline. A table is known
 * by name and by its comment, which the gateway gives to those that it creates: MySQL has no number
 * of a table that can be asked for.
 */
final class LoadStore {

    private static final String COLUMNS =
            "pipeline, table_schema, table_name, identity, role, beside, moment";

    private final Connection connection;
    private final String pipeline;

    LoadStore(Connection connection, String pipeline) {
        this.connection = connection;
        this.pipeline = pipeline;
    }

    /** Why the gateway has a table. */
    enum Role {
        /** It is loaded into, and was created by the gateway. */
        STANDING,
        /** It is being filled, or about to be dropped. */
        SHADOW,
        /** It stood once, and is kept. */
        FORMER
    }

    /**
     * @param beside the name of the loaded table that it belongs to, in the same database
     */
    record Owned(
            TableId table, String identity, Role role, String beside, @Nullable Instant moment) {}

    List<Owned> owned() throws SQLException {
        List<Owned> owned = new ArrayList<>();
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "SELECT " + COLUMNS + " FROM sluice.load_table WHERE pipeline = ?")) {
            statement.setBytes(1, bytes(pipeline));
            ResultSet rows = statement.executeQuery();
            while (rows.next()) {
                owned.add(
                        new Owned(
                                new TableId(text(rows, 2), text(rows, 3)),
                                text(rows, 4),
                                Role.valueOf(rows.getString(5)),
                                text(rows, 6),
                                instant(rows.getString(7))));
            }
        }
        return owned;
    }

    void own(Owned table) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "REPLACE INTO sluice.load_table (%s) VALUES (?, ?, ?, ?, ?, ?, ?)"
                                .formatted(COLUMNS))) {
            bind(statement, table.table());
            statement.setBytes(4, bytes(table.identity()));
            statement.setString(5, table.role().name());
            statement.setBytes(6, bytes(table.beside()));
            statement.setString(7, table.moment() == null ? null : table.moment().toString());
            statement.execute();
        }
    }

    /** Notes of what moment the rows of the table that stands are; null if that is kept already. */
    void shows(TableId table, @Nullable Instant moment) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "UPDATE sluice.load_table SET moment = ? WHERE role = 'STANDING' AND pipeline"
                                + " = ? AND table_schema = ? AND table_name = ?")) {
            statement.setString(1, moment == null ? null : moment.toString());
            statement.setBytes(2, bytes(pipeline));
            statement.setBytes(3, bytes(table.schema()));
            statement.setBytes(4, bytes(table.name()));
            statement.execute();
        }
    }

    void disown(TableId table, String identity) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "DELETE FROM sluice.load_table WHERE pipeline = ? AND table_schema = ? AND"
                                + " table_name = ? AND identity = ?")) {
            bind(statement, table);
            statement.setBytes(4, bytes(identity));
            statement.execute();
        }
    }

    /** What is recorded of the copy into a table that goes. */
    void forgetCopy(TableId table) throws SQLException {
        for (String from : List.of("sluice.copy_progress", "sluice.table_copy")) {
            try (PreparedStatement statement =
                    connection.prepareStatement(
                            "DELETE FROM "
                                    + from
                                    + " WHERE pipeline = ? AND table_schema = ? AND table_name ="
                                    + " ?")) {
                bind(statement, table);
                statement.execute();
            }
        }
    }

    /** The comment of what stands under the name now; null for nothing. */
    @Nullable String identity(TableId table) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "SELECT TABLE_COMMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?"
                                + " AND TABLE_NAME = ? AND TABLE_TYPE = 'BASE TABLE'")) {
            statement.setString(1, table.schema());
            statement.setString(2, table.name());
            ResultSet row = statement.executeQuery();
            return row.next() ? row.getString(1) : null;
        }
    }

    Optional<Run> last() throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "SELECT number, started, finished, position, moment, copied, inserted,"
                                + " updated, deleted FROM sluice.`load` WHERE pipeline = ? AND"
                                + " result = 'complete' ORDER BY number DESC LIMIT 1")) {
            statement.setBytes(1, bytes(pipeline));
            ResultSet row = statement.executeQuery();
            return row.next()
                    ? Optional.of(
                            new Run(
                                    row.getLong(1),
                                    Instant.parse(row.getString(2)),
                                    Instant.parse(row.getString(3)),
                                    row.getString(4),
                                    Instant.parse(row.getString(5)),
                                    row.getLong(6),
                                    new Changes(row.getLong(7), row.getLong(8), row.getLong(9))))
                    : Optional.empty();
        }
    }

    long begin(Instant started) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "UPDATE sluice.`load` SET result = 'cut off' WHERE pipeline = ? AND result ="
                                + " 'running'")) {
            statement.setBytes(1, bytes(pipeline));
            statement.execute();
        }
        long number;
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "SELECT coalesce(max(number), 0) + 1 FROM sluice.`load` WHERE pipeline ="
                                + " ?")) {
            statement.setBytes(1, bytes(pipeline));
            ResultSet row = statement.executeQuery();
            row.next();
            number = row.getLong(1);
        }
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "INSERT INTO sluice.`load` (pipeline, number, result, started) VALUES (?, ?,"
                                + " 'running', ?)")) {
            statement.setBytes(1, bytes(pipeline));
            statement.setLong(2, number);
            statement.setString(3, started.toString());
            statement.execute();
        }
        return number;
    }

    void end(Run run) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "UPDATE sluice.`load` SET result = 'complete', finished = ?, position = ?,"
                                + " moment = ?, copied = ?, inserted = ?, updated = ?, deleted = ?"
                                + " WHERE pipeline = ? AND number = ?")) {
            statement.setString(1, run.finished().toString());
            statement.setString(2, run.position());
            statement.setString(3, run.moment().toString());
            statement.setLong(4, run.rows());
            statement.setLong(5, run.changes().inserted());
            statement.setLong(6, run.changes().updated());
            statement.setLong(7, run.changes().deleted());
            statement.setBytes(8, bytes(pipeline));
            statement.setLong(9, run.number());
            statement.execute();
        }
    }

    private void bind(PreparedStatement statement, TableId table) throws SQLException {
        statement.setBytes(1, bytes(pipeline));
        statement.setBytes(2, bytes(table.schema()));
        statement.setBytes(3, bytes(table.name()));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(ResultSet row, int column) throws SQLException {
        return new String(row.getBytes(column), StandardCharsets.UTF_8);
    }

    private static @Nullable Instant instant(@Nullable String text) {
        return text == null ? null : Instant.parse(text);
    }
}
