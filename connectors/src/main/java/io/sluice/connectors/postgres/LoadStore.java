package io.sluice.connectors.postgres;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.TableLoads.Changes;
import io.sluice.connectors.spi.TableLoads.Run;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The rows of {@code sluice.load} and {@code sluice.load_table} of one pipeline. A table is known
 * by name and {@code oid}: one that was dropped and made anew under the name is another one.
 */
final class LoadStore {

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
        /** It is being filled. */
        SHADOW,
        /** It stood once, and is kept. */
        FORMER
    }

    /**
     * @param beside the name of the loaded table that it belongs to, in the same schema
     */
    record Owned(
            TableId table, String identity, Role role, String beside, @Nullable Instant moment) {}

    List<Owned> owned() throws SQLException {
        List<Owned> owned = new ArrayList<>();
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "SELECT table_schema, table_name, identity, role, beside, moment FROM"
                                + " sluice.load_table WHERE pipeline = ? ORDER BY 1, 2, 3")) {
            statement.setString(1, pipeline);
            ResultSet rows = statement.executeQuery();
            while (rows.next()) {
                owned.add(
                        new Owned(
                                new TableId(rows.getString(1), rows.getString(2)),
                                rows.getString(3),
                                Role.valueOf(rows.getString(4)),
                                rows.getString(5),
                                instant(rows, 6)));
            }
        }
        return owned;
    }

    /** Records the table that stands under this name now. */
    void own(TableId table, Role role, String beside, @Nullable Instant moment)
            throws SQLException {
        String identity = Objects.requireNonNull(identity(table), "it was created just now");
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "INSERT INTO sluice.load_table (pipeline, table_schema, table_name,"
                                + " identity, role, beside, moment) VALUES (?, ?, ?, ?, ?, ?, ?)")) {
            statement.setString(1, pipeline);
            statement.setString(2, table.schema());
            statement.setString(3, table.name());
            statement.setString(4, identity);
            statement.setString(5, role.name());
            statement.setString(6, beside);
            statement.setObject(7, time(moment));
            statement.execute();
        }
    }

    /** Notes of what moment the rows of the table that stands are; null if that is kept already. */
    void shows(TableId table, @Nullable Instant moment) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "UPDATE sluice.load_table SET moment = ? WHERE pipeline = ? AND"
                                + " table_schema = ? AND table_name = ? AND role = 'STANDING'")) {
            statement.setObject(1, time(moment));
            statement.setString(2, pipeline);
            statement.setString(3, table.schema());
            statement.setString(4, table.name());
            statement.execute();
        }
    }

    void disown(TableId table) throws SQLException {
        for (String from :
                List.of("sluice.load_table", "sluice.copy_progress", "sluice.table_copy")) {
            try (PreparedStatement statement =
                    connection.prepareStatement(
                            "DELETE FROM "
                                    + from
                                    + " WHERE pipeline = ? AND table_schema = ? AND table_name ="
                                    + " ?")) {
                statement.setString(1, pipeline);
                statement.setString(2, table.schema());
                statement.setString(3, table.name());
                statement.execute();
            }
        }
    }

    /** What stands under the name now; null for nothing. */
    @Nullable String identity(TableId table) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT to_regclass(?)::oid::text")) {
            statement.setString(1, Sql.table(table));
            ResultSet row = statement.executeQuery();
            row.next();
            return row.getString(1);
        }
    }

    Optional<Run> last() throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "SELECT number, started, finished, position, moment, rows, inserted,"
                                + " updated, deleted FROM sluice.load WHERE pipeline = ? AND result"
                                + " = 'complete' ORDER BY number DESC LIMIT 1")) {
            statement.setString(1, pipeline);
            ResultSet row = statement.executeQuery();
            return row.next()
                    ? Optional.of(
                            new Run(
                                    row.getLong(1),
                                    Objects.requireNonNull(instant(row, 2)),
                                    Objects.requireNonNull(instant(row, 3)),
                                    row.getString(4),
                                    Objects.requireNonNull(instant(row, 5)),
                                    row.getLong(6),
                                    new Changes(row.getLong(7), row.getLong(8), row.getLong(9))))
                    : Optional.empty();
        }
    }

    long begin(Instant started) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "UPDATE sluice.load SET result = 'cut off' WHERE pipeline = ? AND result ="
                                + " 'running'")) {
            statement.setString(1, pipeline);
            statement.execute();
        }
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "INSERT INTO sluice.load (pipeline, number, result, started) SELECT ?,"
                                + " coalesce(max(number), 0) + 1, 'running', ? FROM sluice.load"
                                + " WHERE pipeline = ? RETURNING number")) {
            statement.setString(1, pipeline);
            statement.setObject(2, time(started));
            statement.setString(3, pipeline);
            ResultSet row = statement.executeQuery();
            row.next();
            return row.getLong(1);
        }
    }

    void end(Run run) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "UPDATE sluice.load SET result = 'complete', finished = ?, position = ?,"
                                + " moment = ?, rows = ?, inserted = ?, updated = ?, deleted = ?"
                                + " WHERE pipeline = ? AND number = ?")) {
            statement.setObject(1, time(run.finished()));
            statement.setString(2, run.position());
            statement.setObject(3, time(run.moment()));
            statement.setLong(4, run.rows());
            statement.setLong(5, run.changes().inserted());
            statement.setLong(6, run.changes().updated());
            statement.setLong(7, run.changes().deleted());
            statement.setString(8, pipeline);
            statement.setLong(9, run.number());
            statement.execute();
        }
    }

    private static @Nullable Instant instant(ResultSet row, int column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    private static @Nullable OffsetDateTime time(@Nullable Instant instant) {
        return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
    }
}
