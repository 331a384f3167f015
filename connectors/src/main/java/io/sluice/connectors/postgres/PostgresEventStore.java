package io.sluice.connectors.postgres;

import io.sluice.connectors.spi.EventStore;
import io.sluice.connectors.spi.PipelineEvent;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/** A pipeline's rows of {@code sluice.event}. */
final class PostgresEventStore implements EventStore {

    private static final String LATEST =
            """
            SELECT id, at, kind, detail FROM sluice.event WHERE pipeline = ?
            ORDER BY id DESC LIMIT ?
            """;

    private static final String ADD =
            """
            INSERT INTO sluice.event (pipeline, id, at, kind, detail) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT DO NOTHING
            """;

    private static final String FORGET_OLD =
            "DELETE FROM sluice.event WHERE pipeline = ? AND at < ?";

    private static final String FORGET_MANY =
            """
            DELETE FROM sluice.event WHERE pipeline = ? AND id <=
              (SELECT id FROM sluice.event WHERE pipeline = ? ORDER BY id DESC LIMIT 1 OFFSET ?)
            """;

    private final PostgresConnections connections;
    private final String pipeline;

    PostgresEventStore(PostgresConnections connections, String pipeline) {
        this.connections = connections;
        this.pipeline = pipeline;
    }

    @Override
    public List<PipelineEvent> latest(int atMost) {
        return connections.with(
                LogNames.session(pipeline),
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
                row.getObject(2, OffsetDateTime.class).toInstant(),
                pipeline,
                row.getString(3),
                row.getString(4));
    }

    @Override
    public void add(List<PipelineEvent> events) {
        connections.inTransaction(
                LogNames.session(pipeline),
                "keeping the events of " + pipeline,
                connection -> {
                    try (PreparedStatement statement = connection.prepareStatement(ADD)) {
                        for (PipelineEvent event : events) {
                            name(statement, 1);
                            statement.setLong(2, event.id());
                            statement.setObject(3, event.at().atOffset(ZoneOffset.UTC));
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
                LogNames.session(pipeline),
                "forgetting old events of " + pipeline,
                connection -> {
                    try (PreparedStatement statement = connection.prepareStatement(FORGET_OLD)) {
                        name(statement, 1);
                        statement.setObject(2, since.atOffset(ZoneOffset.UTC));
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
        statement.setString(index, pipeline);
    }
}
