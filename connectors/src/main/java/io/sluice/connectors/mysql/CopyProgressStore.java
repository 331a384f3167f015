package io.sluice.connectors.mysql;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.TargetSession.CopyProgress;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** A pipeline's rows of {@code sluice.copy_progress}, over a session's connection. */
final class CopyProgressStore {

    private static final String SAVE =
            """
            INSERT INTO sluice.copy_progress (pipeline, table_schema, table_name, done, copied)
            VALUES (?, ?, ?, ?, ?)
            ON DUPLICATE KEY UPDATE done = VALUES(done), copied = VALUES(copied)
            """;

    private static final String ALL =
            """
            SELECT table_schema, table_name, done, copied FROM sluice.copy_progress
            WHERE pipeline = ? ORDER BY table_schema, table_name
            """;

    private final Connection connection;
    private final String pipeline;

    CopyProgressStore(Connection connection, String pipeline) {
        this.connection = connection;
        this.pipeline = pipeline;
    }

    void save(CopyProgress progress) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(SAVE)) {
            statement.setBytes(1, bytes(pipeline));
            statement.setBytes(2, bytes(progress.table().schema()));
            statement.setBytes(3, bytes(progress.table().name()));
            statement.setBoolean(4, progress.done());
            statement.setLong(5, progress.rows());
            statement.executeUpdate();
        }
    }

    List<CopyProgress> all() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(ALL)) {
            statement.setBytes(1, bytes(pipeline));
            ResultSet rows = statement.executeQuery();
            List<CopyProgress> progress = new ArrayList<>();
            while (rows.next()) {
                progress.add(
                        new CopyProgress(
                                new TableId(text(rows.getBytes(1)), text(rows.getBytes(2))),
                                rows.getBoolean(3),
                                rows.getLong(4)));
            }
            return progress;
        }
    }

    private static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] name) {
        return new String(name, StandardCharsets.UTF_8);
    }
}
