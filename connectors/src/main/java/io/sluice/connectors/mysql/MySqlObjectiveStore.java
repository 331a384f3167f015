package io.sluice.connectors.mysql;

import io.sluice.connectors.spi.Holder;
import io.sluice.connectors.spi.ObjectiveStore;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A pipeline's rows of {@code sluice.objective_time} and {@code sluice.breach}. */
final class MySqlObjectiveStore implements ObjectiveStore {

    private static final String FIRST =
            """
            SELECT min(began) FROM sluice.objective_time
            WHERE pipeline = ? AND kept_ms + over_ms + exempt_ms > 0
            """;

    private static final String TIMES =
            """
            SELECT slot, run, began, kept_ms, over_ms, unknown_ms, exempt_ms, worst_ms
            FROM sluice.objective_time WHERE pipeline = ? AND slot >= ? AND slot < ?
            """;

    private static final String BREACHES =
            """
            SELECT started, ended, cause, worst_ms, objective_ms FROM sluice.breach
            WHERE pipeline = ? AND (ended IS NULL OR ended >= ?) AND started < ? ORDER BY started
            """;

    private static final String HELD =
            "SELECT 1 FROM sluice.checkpoint WHERE pipeline = ? AND holder = ?";

    private static final String SAVE_TIME =
            """
            REPLACE INTO sluice.objective_time VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """;

    private static final String SAVE_BREACH =
            """
            REPLACE INTO sluice.breach VALUES (?, ?, ?, ?, ?, ?)
            """;

    private final MySqlConnections connections;
    private final String pipeline;

    MySqlObjectiveStore(MySqlConnections connections, String pipeline) {
        this.connections = connections;
        this.pipeline = pipeline;
    }

    @Override
    public Kept load(Instant since, Instant until) {
        return connections.with(
                SessionNames.session(pipeline),
                "reading how the objective of " + pipeline + " was kept",
                connection ->
                        new Kept(
                                first(connection),
                                times(connection, since, until),
                                breaches(connection, since, until)));
    }

    private @Nullable Instant first(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(FIRST)) {
            statement.setBytes(1, pipeline.getBytes(StandardCharsets.UTF_8));
            ResultSet row = statement.executeQuery();
            row.next();
            return instant(row, 1);
        }
    }

    private List<Time> times(Connection connection, Instant since, Instant until)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(TIMES)) {
            range(statement, since, until);
            ResultSet row = statement.executeQuery();
            List<Time> times = new ArrayList<>();
            while (row.next()) {
                times.add(
                        new Time(
                                row.getObject(1, LocalDateTime.class).toInstant(ZoneOffset.UTC),
                                row.getLong(2),
                                row.getObject(3, LocalDateTime.class).toInstant(ZoneOffset.UTC),
                                Duration.ofMillis(row.getLong(4)),
                                Duration.ofMillis(row.getLong(5)),
                                Duration.ofMillis(row.getLong(6)),
                                Duration.ofMillis(row.getLong(7)),
                                Duration.ofMillis(row.getLong(8))));
            }
            return times;
        }
    }

    private List<Breach> breaches(Connection connection, Instant since, Instant until)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(BREACHES)) {
            range(statement, since, until);
            ResultSet row = statement.executeQuery();
            List<Breach> breaches = new ArrayList<>();
            while (row.next()) {
                breaches.add(
                        new Breach(
                                row.getObject(1, LocalDateTime.class).toInstant(ZoneOffset.UTC),
                                instant(row, 2),
                                row.getString(3),
                                Duration.ofMillis(row.getLong(4)),
                                Duration.ofMillis(row.getLong(5))));
            }
            return breaches;
        }
    }

    private void range(PreparedStatement statement, Instant since, Instant until)
            throws SQLException {
        statement.setBytes(1, pipeline.getBytes(StandardCharsets.UTF_8));
        statement.setObject(2, LocalDateTime.ofInstant(since, ZoneOffset.UTC));
        statement.setObject(3, LocalDateTime.ofInstant(until, ZoneOffset.UTC));
    }

    @Override
    public boolean save(Holder holder, List<Time> times, List<Breach> breaches) {
        return connections.inTransaction(
                SessionNames.session(pipeline),
                "keeping how the objective of " + pipeline + " was kept",
                connection -> {
                    if (!isHeldBy(holder, connection)) {
                        return false;
                    }
                    try (PreparedStatement statement = connection.prepareStatement(SAVE_TIME)) {
                        for (Time time : times) {
                            statement.setBytes(1, pipeline.getBytes(StandardCharsets.UTF_8));
                            statement.setObject(
                                    2, LocalDateTime.ofInstant(time.slot(), ZoneOffset.UTC));
                            statement.setLong(3, time.run());
                            statement.setObject(
                                    4, LocalDateTime.ofInstant(time.began(), ZoneOffset.UTC));
                            statement.setLong(5, time.kept().toMillis());
                            statement.setLong(6, time.over().toMillis());
                            statement.setLong(7, time.unknown().toMillis());
                            statement.setLong(8, time.exempt().toMillis());
                            statement.setLong(9, time.worst().toMillis());
                            statement.addBatch();
                        }
                        statement.executeBatch();
                    }
                    try (PreparedStatement statement = connection.prepareStatement(SAVE_BREACH)) {
                        for (Breach breach : breaches) {
                            Instant ended = breach.ended();
                            statement.setBytes(1, pipeline.getBytes(StandardCharsets.UTF_8));
                            statement.setObject(
                                    2, LocalDateTime.ofInstant(breach.started(), ZoneOffset.UTC));
                            statement.setObject(
                                    3,
                                    ended == null
                                            ? null
                                            : LocalDateTime.ofInstant(ended, ZoneOffset.UTC));
                            statement.setString(4, breach.cause());
                            statement.setLong(5, breach.worst().toMillis());
                            statement.setLong(6, breach.objective().toMillis());
                            statement.addBatch();
                        }
                        statement.executeBatch();
                    }
                    return true;
                });
    }

    /** Without a lock: a gateway that hangs here must not keep another from taking over. */
    private boolean isHeldBy(Holder holder, Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(HELD)) {
            statement.setBytes(1, pipeline.getBytes(StandardCharsets.UTF_8));
            statement.setString(2, holder.id().toString());
            return statement.executeQuery().next();
        }
    }

    @Override
    public void forget(Instant since) {
        connections.inTransaction(
                SessionNames.session(pipeline),
                "forgetting how the objective of " + pipeline + " was kept long ago",
                connection -> {
                    for (String sql :
                            List.of(
                                    "DELETE FROM sluice.objective_time WHERE pipeline = ? AND slot < ?",
                                    "DELETE FROM sluice.breach WHERE pipeline = ? AND started < ?")) {
                        try (PreparedStatement statement = connection.prepareStatement(sql)) {
                            statement.setBytes(1, pipeline.getBytes(StandardCharsets.UTF_8));
                            statement.setObject(2, LocalDateTime.ofInstant(since, ZoneOffset.UTC));
                            statement.executeUpdate();
                        }
                    }
                    return true;
                });
    }

    private static @Nullable Instant instant(ResultSet row, int column) throws SQLException {
        LocalDateTime value = row.getObject(column, LocalDateTime.class);
        return value == null ? null : value.toInstant(ZoneOffset.UTC);
    }
}
