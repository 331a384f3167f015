package io.sluice.connectors.mysql;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.CursorStore;
import io.sluice.connectors.spi.KeyValues;
import io.sluice.connectors.spi.TableCursor;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** A pipeline's rows of {@code sluice.cursor}. */
final class MySqlCursorStore implements CursorStore {

    private static final String SAVE =
            """
            INSERT INTO sluice.`cursor`
              (pipeline, table_schema, table_name, columns, position, swept_at)
            VALUES (?, ?, ?, ?, ?, ?)
            ON DUPLICATE KEY UPDATE columns = VALUES(columns), position = VALUES(position),
              swept_at = VALUES(swept_at)
            """;

    private static final String ALL =
            """
            SELECT table_schema, table_name, columns, position, swept_at FROM sluice.`cursor`
            WHERE pipeline = ? ORDER BY table_schema, table_name
            """;

    private static final String OTHER =
            """
            SELECT pipeline FROM sluice.`cursor`
            WHERE table_schema = ? AND table_name = ? AND pipeline <> ? ORDER BY pipeline LIMIT 1
            """;

    private final String place;
    private final Connection connection;
    private final String pipeline;

    MySqlCursorStore(String place, Connection connection, String pipeline) {
        this.place = place;
        this.connection = connection;
        this.pipeline = pipeline;
    }

    @Override
    public List<TableCursor> all() {
        try (PreparedStatement statement = connection.prepareStatement(ALL)) {
            statement.setBytes(1, bytes(pipeline));
            List<TableCursor> cursors = new ArrayList<>();
            ResultSet row = statement.executeQuery();
            while (row.next()) {
                cursors.add(
                        new TableCursor(
                                new TableId(text(row, 1), text(row, 2)),
                                KeyValues.of(row.getString(3)).stream()
                                        .map(Object::toString)
                                        .collect(Collectors.toList()),
                                KeyValues.of(row.getString(4)),
                                Instant.parse(row.getString(5))));
            }
            return cursors;
        } catch (SQLException e) {
            throw MySqlErrors.failure(place + ": reading the cursors of " + pipeline, e);
        }
    }

    @Override
    public void save(TableCursor cursor) {
        try (PreparedStatement statement = connection.prepareStatement(SAVE)) {
            statement.setBytes(1, bytes(pipeline));
            statement.setBytes(2, bytes(cursor.table().schema()));
            statement.setBytes(3, bytes(cursor.table().name()));
            statement.setString(4, KeyValues.text(cursor.order()));
            statement.setString(5, KeyValues.text(cursor.position()));
            statement.setString(6, cursor.sweptAt().toString());
            statement.executeUpdate();
        } catch (SQLException e) {
            throw MySqlErrors.failure(place + ": recording the cursor of " + cursor.table(), e);
        }
    }

    @Override
    public Optional<String> other(TableId table) {
        try (PreparedStatement statement = connection.prepareStatement(OTHER)) {
            statement.setBytes(1, bytes(table.schema()));
            statement.setBytes(2, bytes(table.name()));
            statement.setBytes(3, bytes(pipeline));
            ResultSet row = statement.executeQuery();
            return row.next() ? Optional.of(text(row, 1)) : Optional.empty();
        } catch (SQLException e) {
            throw MySqlErrors.failure(place + ": reading the cursors of " + table, e);
        }
    }

    @Override
    public void forget() {
        try (PreparedStatement statement =
                connection.prepareStatement("DELETE FROM sluice.`cursor` WHERE pipeline = ?")) {
            statement.setBytes(1, bytes(pipeline));
            statement.executeUpdate();
        } catch (SQLException e) {
            throw MySqlErrors.failure(place + ": forgetting the cursors of " + pipeline, e);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(ResultSet row, int column) throws SQLException {
        return new String(row.getBytes(column), StandardCharsets.UTF_8);
    }
}
