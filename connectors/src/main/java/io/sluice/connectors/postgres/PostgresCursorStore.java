package io.sluice.connectors.postgres;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.CursorStore;
import io.sluice.connectors.spi.KeyValues;
import io.sluice.connectors.spi.TableCursor;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A pipeline's rows of {@code sluice.cursor}. */
final class PostgresCursorStore implements CursorStore {

    private static final String SAVE =
            """
            INSERT INTO sluice.cursor
              (pipeline, table_schema, table_name, columns, position, swept_at)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (pipeline, table_schema, table_name) DO UPDATE
              SET columns = excluded.columns, position = excluded.position,
                swept_at = excluded.swept_at, updated_at = now()
            """;

    private static final String ALL =
            """
            SELECT table_schema, table_name, columns, position, swept_at FROM sluice.cursor
            WHERE pipeline = ? ORDER BY table_schema, table_name
            """;

    private static final String OTHER =
            """
            SELECT pipeline FROM sluice.cursor
            WHERE table_schema = ? AND table_name = ? AND pipeline <> ? ORDER BY pipeline LIMIT 1
            """;

    private final String place;
    private final Connection connection;
    private final String pipeline;

    PostgresCursorStore(String place, Connection connection, String pipeline) {
        this.place = place;
        this.connection = connection;
        this.pipeline = pipeline;
    }

    @Override
    public List<TableCursor> all() {
        try (PreparedStatement statement = connection.prepareStatement(ALL)) {
            statement.setString(1, pipeline);
            List<TableCursor> cursors = new ArrayList<>();
            ResultSet row = statement.executeQuery();
            while (row.next()) {
                cursors.add(
                        new TableCursor(
                                new TableId(row.getString(1), row.getString(2)),
                                PostgresCatalog.strings(row, 3),
                                KeyValues.of(row.getString(4)),
                                row.getObject(5, OffsetDateTime.class).toInstant()));
            }
            return cursors;
        } catch (SQLException e) {
            throw PostgresErrors.failure(place + ": reading the cursors of " + pipeline, e);
        }
    }

    @Override
    public void save(TableCursor cursor) {
        try (PreparedStatement statement = connection.prepareStatement(SAVE)) {
            statement.setString(1, pipeline);
            statement.setString(2, cursor.table().schema());
            statement.setString(3, cursor.table().name());
            statement.setArray(4, connection.createArrayOf("text", cursor.order().toArray()));
            statement.setString(5, KeyValues.text(cursor.position()));
            statement.setObject(6, cursor.sweptAt().atOffset(ZoneOffset.UTC));
            statement.executeUpdate();
        } catch (SQLException e) {
            throw PostgresErrors.failure(place + ": recording the cursor of " + cursor.table(), e);
        }
    }

    @Override
    public Optional<String> other(TableId table) {
        try (PreparedStatement statement = connection.prepareStatement(OTHER)) {
            statement.setString(1, table.schema());
            statement.setString(2, table.name());
            statement.setString(3, pipeline);
            ResultSet row = statement.executeQuery();
            return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
        } catch (SQLException e) {
            throw PostgresErrors.failure(place + ": reading the cursors of " + table, e);
        }
    }

    @Override
    public void forget() {
        try (PreparedStatement statement =
                connection.prepareStatement("DELETE FROM sluice.cursor WHERE pipeline = ?")) {
            statement.setString(1, pipeline);
            statement.executeUpdate();
        } catch (SQLException e) {
            throw PostgresErrors.failure(place + ": forgetting the cursors of " + pipeline, e);
        }
    }
}
