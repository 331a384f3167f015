package io.sluice.connectors.mysql;

import io.sluice.connectors.spi.EventStore;
import io.sluice.connectors.spi.PipelineEvent;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/** A pipeline's rows of {@code sluice.event}. */
final class MySqlEventStore implements EventStore {

    private static final String LATEST =
            """
            SELECT id, at, kind, detail FROM sluice.event WHERE pipeline = ?
            ORDER BY id DESC LIMIT ?
            """;

    private static final String ADD =
            """
            INSERT IGNORE INTO sluice.event (pipeline, id, at, kind, detail) VALUES (?, ?, ?, ?, ?)
            """;

    private static final String FORGET_OLD =
            "DELETE FROM sluice.event WHERE pipeline = ? AND at < ?";

    private static final String FORGET_MANY =
            """
            DELETE FROM sluice.event WHERE pipeline = ? AND id <=
              (SELECT id FROM (SELECT id FROM sluice.event WHERE pipeline = ?
               ORDER BY id DESC LIMIT 1 OFFSET ?) AS last)
            """;

    private final MySqlConnections connections;
    private final String pipeline;

    MySqlEventStore(MySqlConnections connections, String pipeline) {
        this.connections = connections;
        this.pipeline = pipeline;
    }

    @Override
    public List<PipelineEvent> latest(int atMost) {
        return connections.with(
                SessionNames.session(pipeline),
                "reading the events of " + pipeline,
                connection -> {
                    try (PreparedStatement statement = connection.prepareStatement(LATEST)) {
                        name(statement, 1);
                        statement.setInt(2, atMost);
                        ResultSet rows = statement.executeQuery();
                        List<PipelineEvent> events = new ArrayList<>();
                        while (rows.next()) {
                            events.addFirst(event(rows));
                        }
                        return events;
                    }
                });
    }

    private PipelineEvent event(ResultSet row) throws SQLException {
        return new PipelineEvent(
                row.getLong(1),
                row.getObject(2, LocalDateTime.class).toInstant(ZoneOffset.UTC),
                pipeline,
                row.getString(3),
                row.getString(4));
    }

    @Override
    public void add(List<PipelineEvent> events) {
        connections.inTransaction(
                SessionNames.session(pipeline),
                "keeping the events of " + pipeline,
                connection -> {
                    try (PreparedStatement statement = connection.prepareStatement(ADD)) {
                        for (PipelineEvent event : events) {
                            name(statement, 1);
                            statement.setLong(2, event.id());
                            statement.setObject(
                                    3, LocalDateTime.ofInstant(event.at(), ZoneOffset.UTC));
                            statement.setString(4, event.kind());
                            statement.setString(5, event.text());
                            statement.addBatch();
                        }
                        statement.executeBatch();
                    }
                    return true;
                });
    }

    @Override
    public void keep(Instant since, int atMost) {
        connections.inTransaction(
                SessionNames.session(pipeline),
                "forgetting old events of " + pipeline,
                connection -> {
                    try (PreparedStatement statement = connection.prepareStatement(FORGET_OLD)) {
                        name(statement, 1);
                        statement.setObject(2, LocalDateTime.ofInstant(since, ZoneOffset.UTC));
                        statement.executeUpdate();
                    }
                    try (PreparedStatement statement = connection.prepareStatement(FORGET_MANY)) {
                        name(statement, 1);
                        name(statement, 2);
                        statement.setInt(3, atMost);
                        statement.executeUpdate();
                    }
                    return true;
                });
    }

    private void name(PreparedStatement statement, int index) throws SQLException {
        statement.setBytes(index, pipeline.getBytes(StandardCharsets.UTF_8));
    }
}
