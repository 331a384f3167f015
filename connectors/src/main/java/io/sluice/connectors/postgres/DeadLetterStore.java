package io.sluice.connectors.postgres;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.DeadLetter;
import io.sluice.connectors.spi.LetterBox;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A pipeline's rows of {@code sluice.dead_letter}, over a session's connection. */
final class DeadLetterStore implements LetterBox {

    private static final String REPLACE =
            """
            UPDATE sluice.dead_letter SET operation = ?, position = ?, reason = ?,
              row_values = ?::json, changes = changes + ?, retry = false
            WHERE pipeline = ? AND table_schema = ? AND table_name = ? AND key_hash = ?
            """;

    private static final String ADD =
            """
            INSERT INTO sluice.dead_letter (operation, position, reason, row_values, changes,
              pipeline, table_schema, table_name, key_hash, row_key)
            VALUES (?, ?, ?, ?::json, ?, ?, ?, ?, ?, ?::json)
            """;

    private static final String COLUMNS =
            "id, table_schema, table_name, key_hash, row_key, operation, position, reason, changes,"
                    + " retry, parked_at";

    private final String place;
    private final Connection connection;
    private final String pipeline;

    DeadLetterStore(String place, Connection connection, String pipeline) {
        this.place = place;
        this.connection = connection;
        this.pipeline = pipeline;
    }

    @Override
    public boolean put(DeadLetter letter) {
        if (update(REPLACE, statement -> content(statement, letter)) > 0) {
            return false;
        }
        update(
                ADD,
                statement -> {
                    content(statement, letter);
                    statement.setString(10, letter.key());
                });
        return true;
    }

    private void content(PreparedStatement statement, DeadLetter letter) throws SQLException {
        statement.setString(1, letter.operation());
        statement.setString(2, letter.position());
        statement.setString(3, letter.reason());
        statement.setString(4, letter.values());
        statement.setLong(5, letter.changes());
        row(statement, 6, letter.table(), letter.keyHash());
    }

    @Override
    public boolean leaveOut(TableId table, String keyHash, long changes) {
        return update(
                        "UPDATE sluice.dead_letter SET changes = changes + ? WHERE pipeline = ?"
                                + " AND table_schema = ? AND table_name = ? AND key_hash = ?",
                        statement -> {
                            statement.setLong(1, changes);
                            row(statement, 2, table, keyHash);
                        })
                == 1;
    }

    @Override
    public void refusedAgain(long id, String reason) {
        update(
                "UPDATE sluice.dead_letter SET retry = false, reason = ? WHERE id = ?",
                statement -> {
                    statement.setString(1, reason);
                    statement.setLong(2, id);
                });
    }

    @Override
    public void remove(long id) {
        update(
                "DELETE FROM sluice.dead_letter WHERE id = ?",
                statement -> statement.setLong(1, id));
    }

    @Override
    public List<DeadLetter> all() {
        try {
            return read(connection, pipeline, false);
        } catch (SQLException e) {
            throw PostgresErrors.failure(place + ": reading the parked rows of " + pipeline, e);
        }
    }

    static List<DeadLetter> read(Connection connection, String pipeline, boolean withValues)
            throws SQLException {
        String query =
                "SELECT %s%s FROM sluice.dead_letter WHERE pipeline = ? ORDER BY id"
                        .formatted(COLUMNS, withValues ? ", row_values" : "");
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setString(1, pipeline);
            ResultSet row = statement.executeQuery();
            List<DeadLetter> letters = new ArrayList<>();
            while (row.next()) {
                letters.add(letter(row, withValues ? row.getString(12) : null));
            }
            return letters;
        }
    }

    private static DeadLetter letter(ResultSet row, @Nullable String values) throws SQLException {
        return new DeadLetter(
                row.getLong(1),
                new TableId(row.getString(2), row.getString(3)),
                row.getString(4),
                row.getString(5),
                row.getString(6),
                row.getString(7),
                row.getString(8),
                values,
                row.getLong(9),
                row.getBoolean(10),
                row.getObject(11, OffsetDateTime.class).toInstant());
    }

    private void row(PreparedStatement statement, int at, TableId table, String keyHash)
            throws SQLException {
        statement.setString(at, pipeline);
        statement.setString(at + 1, table.schema());
        statement.setString(at + 2, table.name());
        statement.setString(at + 3, keyHash);
    }

    @FunctionalInterface
    private interface Parameters {
        void set(PreparedStatement statement) throws SQLException;
    }

    private int update(String sql, Parameters parameters) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            parameters.set(statement);
            return statement.executeUpdate();
        } catch (SQLException e) {
            throw PostgresErrors.failure(place + ": recording a parked row of " + pipeline, e);
        }
    }
}
