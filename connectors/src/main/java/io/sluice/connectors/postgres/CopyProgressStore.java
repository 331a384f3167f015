package io.sluice.connectors.postgres;

import io.sluice.change.SourcePosition;
import io.sluice.change.TableId;
import io.sluice.connectors.spi.TableCopy;
import io.sluice.connectors.spi.TableCopy.Chunk;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A pipeline's rows of {@code sluice.table_copy} and their parts in {@code copy_progress}. */
final class CopyProgressStore {

    private static final String SAVE_TABLE =
            """
            INSERT INTO sluice.table_copy
              (definition, layout, settled_at, pipeline, table_schema, table_name)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (pipeline, table_schema, table_name) DO UPDATE
              SET definition = excluded.definition, layout = excluded.layout,
                settled_at = excluded.settled_at, updated_at = now()
            """;

    private static final String OF_TABLE =
            " WHERE pipeline = ? AND table_schema = ? AND table_name = ?";

    private static final String ADD_CHUNK =
            """
            INSERT INTO sluice.copy_progress
              (chunk, part, done, position, rows, pipeline, table_schema, table_name)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """;

    private static final String MARK_CHUNK =
            """
            UPDATE sluice.copy_progress SET done = true, position = ?, rows = ?, updated_at = now()
            WHERE pipeline = ? AND table_schema = ? AND table_name = ? AND chunk = ?
            """;

    private static final String TABLES =
            """
            SELECT table_schema, table_name, definition, layout, settled_at FROM sluice.table_copy
            WHERE pipeline = ? ORDER BY table_schema, table_name
            """;

    private static final String CHUNKS =
            """
            SELECT table_schema, table_name, chunk, part, position, rows FROM sluice.copy_progress
            WHERE pipeline = ? ORDER BY table_schema, table_name, chunk
            """;

    private final Connection connection;
    private final String pipeline;

    CopyProgressStore(Connection connection, String pipeline) {
        this.connection = connection;
        this.pipeline = pipeline;
    }

    void save(TableCopy copy) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(SAVE_TABLE)) {
            statement.setString(1, copy.definition());
            statement.setString(2, copy.layout());
            statement.setString(3, text(copy.settledAt()));
            name(statement, 4, copy.table());
            statement.executeUpdate();
        }
        try (PreparedStatement statement =
                connection.prepareStatement("DELETE FROM sluice.copy_progress" + OF_TABLE)) {
            name(statement, 1, copy.table());
            statement.executeUpdate();
        }
        try (PreparedStatement statement =
                connection.prepareStatement("DELETE FROM sluice.dead_letter" + OF_TABLE)) {
            name(statement, 1, copy.table());
            statement.executeUpdate();
        }
        try (PreparedStatement statement = connection.prepareStatement(ADD_CHUNK)) {
            for (Chunk chunk : copy.chunks()) {
                statement.setInt(1, chunk.number());
                statement.setString(2, chunk.range());
                statement.setBoolean(3, chunk.isDone());
                statement.setString(4, text(chunk.position()));
                statement.setLong(5, chunk.rows());
                name(statement, 6, copy.table());
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    /** Returns whether the chunk is still planned. */
    boolean mark(TableId table, Chunk chunk) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(MARK_CHUNK)) {
            statement.setString(1, text(chunk.position()));
            statement.setLong(2, chunk.rows());
            name(statement, 3, table);
            statement.setInt(6, chunk.number());
            return statement.executeUpdate() == 1;
        }
    }

    void settle(TableId table, SourcePosition asOf) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "UPDATE sluice.table_copy SET settled_at = ?" + OF_TABLE)) {
            statement.setString(1, asOf.text());
            name(statement, 2, table);
            statement.executeUpdate();
        }
    }

    List<TableCopy> all() throws SQLException {
        Map<TableId, List<Chunk>> chunks = chunks();
        List<TableCopy> copies = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(TABLES)) {
            statement.setString(1, pipeline);
            ResultSet row = statement.executeQuery();
            while (row.next()) {
                TableId table = new TableId(row.getString(1), row.getString(2));
                copies.add(
                        new TableCopy(
                                table,
                                row.getString(3),
                                row.getString(4),
                                chunks.getOrDefault(table, List.of()),
                                CheckpointStore.position(row.getString(5))));
            }
        }
        return copies;
    }

    private Map<TableId, List<Chunk>> chunks() throws SQLException {
        Map<TableId, List<Chunk>> chunks = new LinkedHashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(CHUNKS)) {
            statement.setString(1, pipeline);
            ResultSet row = statement.executeQuery();
            while (row.next()) {
                chunks.computeIfAbsent(
                                new TableId(row.getString(1), row.getString(2)),
                                table -> new ArrayList<>())
                        .add(
                                new Chunk(
                                        row.getInt(3),
                                        row.getString(4),
                                        CheckpointStore.position(row.getString(5)),
                                        row.getLong(6)));
            }
        }
        return chunks;
    }

    private void name(PreparedStatement statement, int at, TableId table) throws SQLException {
        statement.setString(at, pipeline);
        statement.setString(at + 1, table.schema());
        statement.setString(at + 2, table.name());
    }

    private static @Nullable String text(@Nullable SourcePosition position) {
        return position == null ? null : position.text();
    }
}
