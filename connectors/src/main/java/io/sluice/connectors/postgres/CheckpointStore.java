package io.sluice.connectors.postgres;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.SourcePosition;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.Checkpoint.Phase;
import io.sluice.connectors.spi.FencedException;
import io.sluice.connectors.spi.Holder;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The rows of {@code sluice.checkpoint}: reading them and taking them over. */
final class CheckpointStore {

    private static final Logger LOG = LoggerFactory.getLogger(CheckpointStore.class);

    private static final String COLUMNS =
            // A version before the clock's is read as if there were none.
            "pipeline, epoch, phase, position, commit_time, source_identity,"
                    + " to_jsonb(c) ->> 'clock' AS clock";

    private static final String READ =
            "SELECT " + COLUMNS + ", owner FROM sluice.checkpoint AS c WHERE pipeline = ?";

    private static final String CLAIM =
            """
            INSERT INTO sluice.checkpoint AS c (pipeline, epoch, phase, owner, holder)
            VALUES (?, 1, 'NEW', ?, ?)
            ON CONFLICT (pipeline) DO UPDATE
              SET epoch = c.epoch + 1, owner = excluded.owner, holder = excluded.holder,
                updated_at = now()
            RETURNING\s"""
                    + COLUMNS;

    private static final String RENEW =
            """
            UPDATE sluice.checkpoint AS c SET epoch = epoch + 1, updated_at = now()
            WHERE pipeline = ? AND holder = ?
            RETURNING\s"""
                    + COLUMNS;

    private static final String MOVE =
            """
            UPDATE sluice.checkpoint
            SET phase = ?, position = ?, commit_time = ?::timestamptz, source_identity = ?, clock = ?,
              updated_at = now()
            WHERE pipeline = ? AND epoch = ?
            """;

    /** Sessions of the same pipeline that still hold what a claim needs. */
    private static final String END_EARLIER_SESSIONS =
            """
            SELECT pid, pg_terminate_backend(pid)
            FROM pg_stat_activity
            WHERE application_name = ? AND datname = current_database() AND pid <> pg_backend_pid()
            """;

    private CheckpointStore() {}

    static Optional<Checkpoint> read(Connection connection, String pipeline) throws SQLException {
        if (!SluiceSchema.exists(connection)) {
            return Optional.empty();
        }
        try (PreparedStatement statement = connection.prepareStatement(READ)) {
            statement.setString(1, pipeline);
            ResultSet row = statement.executeQuery();
            return row.next() ? Optional.of(checkpoint(row)) : Optional.empty();
        }
    }

    /** Who holds the pipeline now, for those who have lost it. */
    static String owner(Connection connection, String pipeline) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(READ)) {
            statement.setString(1, pipeline);
            ResultSet row = statement.executeQuery();
            return row.next()
                    ? "%s (epoch %d)".formatted(row.getString("owner"), row.getLong("epoch"))
                    : "nobody: its checkpoint was deleted";
        }
    }

    /**
     * Raises the epoch and ends earlier sessions of the pipeline, be they a gateway that hangs or a
     * connection whose client is gone: their locks would stand in the way.
     */
    static Checkpoint claim(PostgresConnections connections, String pipeline, Holder holder) {
        return pastEarlierSessions(
                connections,
                pipeline,
                connection -> {
                    try (PreparedStatement statement = connection.prepareStatement(CLAIM)) {
                        statement.setString(1, pipeline);
                        statement.setString(2, holder.name());
                        statement.setObject(3, holder.id());
                        ResultSet row = statement.executeQuery();
                        row.next();
                        return checkpoint(row);
                    }
                });
    }

    /**
     * Raises the epoch if the pipeline is still the holder's. The epoch itself would not tell: when
     * a connection breaks, whether an earlier renewal took place is not known.
     */
    static Checkpoint renew(PostgresConnections connections, Checkpoint held, Holder holder) {
        return pastEarlierSessions(
                connections,
                held.pipeline(),
                connection -> {
                    try (PreparedStatement statement = connection.prepareStatement(RENEW)) {
                        statement.setString(1, held.pipeline());
                        statement.setObject(2, holder.id());
                        ResultSet row = statement.executeQuery();
                        if (row.next()) {
                            return checkpoint(row);
                        }
                    }
                    throw fenced(connection, held);
                });
    }

    /** Writes the checkpoint under its epoch; false where the epoch is another one by now. */
    static boolean move(Connection connection, Checkpoint checkpoint) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(MOVE)) {
            statement.setString(1, checkpoint.phase().name());
            statement.setString(2, text(checkpoint.position(), SourcePosition::text));
            statement.setString(3, text(checkpoint.commitTime(), Instant::toString));
            statement.setString(4, checkpoint.sourceIdentity());
            statement.setString(5, text(checkpoint.clock(), HybridTimestamp::toString));
            statement.setString(6, checkpoint.pipeline());
            statement.setLong(7, checkpoint.epoch());
            return statement.executeUpdate() == 1;
        }
    }

    private static <T> @Nullable String text(@Nullable T value, Function<T, String> text) {
        return value == null ? null : text.apply(value);
    }

    /** Whether the pipeline's epoch is no longer the one that {@code held} has. */
    static boolean isFenced(Connection connection, Checkpoint held) throws SQLException {
        return read(connection, held.pipeline())
                .map(standing -> standing.epoch() != held.epoch())
                .orElse(true);
    }

    /** What a gateway is told that has lost the pipeline to another. */
    static FencedException fenced(Connection connection, Checkpoint held) throws SQLException {
        return new FencedException(
                "The pipeline %s was taken over by %s, a newer gateway; this one had epoch %d and stops. Stop one of the two."
                        .formatted(
                                held.pipeline(), owner(connection, held.pipeline()), held.epoch()));
    }

    private static Checkpoint pastEarlierSessions(
            PostgresConnections connections,
            String pipeline,
            PostgresConnections.Work<Checkpoint> claiming) {
        return connections.with(
                LogNames.session(pipeline),
                "claiming the pipeline " + pipeline,
                connection -> {
                    limitLockWait(connection, "10s");
                    Checkpoint claimed;
                    try {
                        claimed = claiming.on(connection);
                    } catch (SQLException e) {
                        if (!"55P03".equals(e.getSQLState())) {
                            throw e;
                        }
                        endEarlierSessions(connection, pipeline);
                        limitLockWait(connection, "3s");
                        claimed = claiming.on(connection);
                    }
                    // They cannot commit any more, but what they wrote stays locked until they end.
                    endEarlierSessions(connection, pipeline);
                    return claimed;
                });
    }

    private static void limitLockWait(Connection connection, String limit) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET lock_timeout = " + Sql.literal(limit));
        }
    }

    private static void endEarlierSessions(Connection connection, String pipeline)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(END_EARLIER_SESSIONS)) {
            statement.setString(1, LogNames.applySession(pipeline));
            ResultSet rows = statement.executeQuery();
            while (rows.next()) {
                LOG.warn(
                        "Ended process {} of the target, an earlier session of {} that was still"
                                + " open.",
                        rows.getInt(1),
                        pipeline);
            }
        } catch (SQLException e) {
            if (!"42501".equals(e.getSQLState())) {
                throw e;
            }
            LOG.warn(
                    "The role may not end an earlier session of {}, which may hold locks.",
                    pipeline);
        }
    }

    private static Checkpoint checkpoint(ResultSet row) throws SQLException {
        String position = row.getString("position");
        String clock = row.getString("clock");
        OffsetDateTime commitTime = row.getObject("commit_time", OffsetDateTime.class);
        return new Checkpoint(
                row.getString("pipeline"),
                row.getLong("epoch"),
                Phase.valueOf(row.getString("phase")),
                position(position),
                instant(commitTime),
                row.getString("source_identity"),
                clock == null ? null : HybridTimestamp.parse(clock));
    }

    static @Nullable SourcePosition position(@Nullable String text) {
        return text == null ? null : SourcePosition.parse(text);
    }

    private static @Nullable Instant instant(@Nullable OffsetDateTime time) {
        return time == null ? null : time.toInstant();
    }
}
