package io.sluice.connectors.mysql;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.SourcePosition;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.Checkpoint.Phase;
import io.sluice.connectors.spi.FencedException;
import io.sluice.connectors.spi.Holder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The rows of {@code sluice.checkpoint}: reading them, moving them, taking them over. */
final class CheckpointStore {

    private static final Logger LOG = LoggerFactory.getLogger(CheckpointStore.class);

    private static final String READ = "SELECT * FROM sluice.checkpoint WHERE pipeline = ?";

    private static final String CLAIM =
            """
            INSERT INTO sluice.checkpoint (pipeline, epoch, phase, owner, holder)
            VALUES (?, 1, 'NEW', ?, ?)
            ON DUPLICATE KEY UPDATE
              epoch = epoch + 1, owner = VALUES(owner), holder = VALUES(holder)
            """;

    private static final String RENEW =
            "UPDATE sluice.checkpoint SET epoch = epoch + 1 WHERE pipeline = ? AND holder = ?";

    private static final String MOVE =
            """
            UPDATE sluice.checkpoint
            SET phase = ?, position = ?, commit_time = ?, source_identity = ?
            WHERE pipeline = ? AND epoch = ?
            """;

    private static final String MOVE_STAMPED =
            """
            UPDATE sluice.checkpoint
            SET phase = ?, position = ?, commit_time = ?, source_identity = ?, clock = ?
            WHERE pipeline = ? AND epoch = ?
            """;

    private static final String HELD =
            "SELECT 1 FROM sluice.checkpoint WHERE pipeline = ? AND epoch = ? FOR UPDATE";

    /** Sessions of the same pipeline that still hold what a claim needs. */
    private static final String EARLIER_SESSIONS =
            """
            SELECT PROCESSLIST_ID FROM performance_schema.session_account_connect_attrs
            WHERE ATTR_NAME = 'program_name' AND ATTR_VALUE = ?
              AND PROCESSLIST_ID <> CONNECTION_ID()
            """;

    private CheckpointStore() {}

    static Optional<Checkpoint> read(Connection connection, String pipeline) throws SQLException {
        return SluiceSchema.exists(connection) ? standing(connection, pipeline) : Optional.empty();
    }

    /**
     * Raises the epoch and ends earlier sessions of the pipeline, whose locks would be in the way.
     */
    static Checkpoint claim(MySqlConnections connections, String pipeline, Holder holder) {
        return pastEarlierSessions(
                connections,
                pipeline,
                connection -> {
                    try (PreparedStatement statement = connection.prepareStatement(CLAIM)) {
                        statement.setBytes(1, bytes(pipeline));
                        statement.setString(2, holder.name());
                        statement.setString(3, holder.id().toString());
                        statement.executeUpdate();
                    }
                    return standing(connection, pipeline).orElseThrow();
                });
    }

    /**
     * Raises the epoch if the pipeline is still the holder's. The epoch itself would not tell: when
     * a connection breaks, whether an earlier renewal took place is not known.
     */
    static Checkpoint renew(MySqlConnections connections, Checkpoint held, Holder holder) {
        return pastEarlierSessions(
                connections,
                held.pipeline(),
                connection -> {
                    try (PreparedStatement statement = connection.prepareStatement(RENEW)) {
                        statement.setBytes(1, bytes(held.pipeline()));
                        statement.setString(2, holder.id().toString());
                        if (statement.executeUpdate() == 0) {
                            throw fenced(connection, held);
                        }
                    }
                    return standing(connection, held.pipeline()).orElseThrow();
                });
    }

    /** Writes the checkpoint under its epoch; false where the epoch is another one by now. */
    static boolean move(Connection connection, Checkpoint checkpoint) throws SQLException {
        HybridTimestamp clock = checkpoint.clock();
        SourcePosition position = checkpoint.position();
        Instant commitTime = checkpoint.commitTime();
        try (PreparedStatement statement =
                connection.prepareStatement(clock == null ? MOVE : MOVE_STAMPED)) {
            int at = 1;
            statement.setString(at++, checkpoint.phase().name());
            statement.setString(at++, position == null ? null : position.text());
            statement.setString(at++, commitTime == null ? null : commitTime.toString());
            statement.setString(at++, checkpoint.sourceIdentity());
            if (clock != null) {
                statement.setString(at++, clock.toString());
            }
            statement.setBytes(at++, bytes(checkpoint.pipeline()));
            statement.setLong(at, checkpoint.epoch());
            return statement.executeUpdate() == 1;
        }
    }

    /**
     * Whether the epoch is still the one that {@code held} has; its row is locked until the end.
     */
    static boolean isHeld(Connection connection, Checkpoint held) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(HELD)) {
            statement.setBytes(1, bytes(held.pipeline()));
            statement.setLong(2, held.epoch());
            return statement.executeQuery().next();
        }
    }

    /** Whether the pipeline's epoch is no longer the one that {@code held} has; locks nothing. */
    static boolean isFenced(Connection connection, Checkpoint held) throws SQLException {
        return standing(connection, held.pipeline())
                .map(checkpoint -> checkpoint.epoch() != held.epoch())
                .orElse(true);
    }

    /** What a gateway is told that has lost the pipeline to another. */
    static FencedException fenced(Connection connection, Checkpoint held) throws SQLException {
        return new FencedException(
                "The pipeline %s was taken over by %s, a newer gateway; this one had epoch %d and stops. Stop one of the two."
                        .formatted(
                                held.pipeline(), owner(connection, held.pipeline()), held.epoch()));
    }

    private static String owner(Connection connection, String pipeline) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(READ)) {
            statement.setBytes(1, bytes(pipeline));
            ResultSet row = statement.executeQuery();
            return row.next()
                    ? "%s (epoch %d)".formatted(row.getString("owner"), row.getLong("epoch"))
                    : "nobody: its checkpoint was deleted";
        }
    }

    private static Optional<Checkpoint> standing(Connection connection, String pipeline)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(READ)) {
            statement.setBytes(1, bytes(pipeline));
            ResultSet row = statement.executeQuery();
            return row.next() ? Optional.of(checkpoint(pipeline, row)) : Optional.empty();
        }
    }

    /** The claim and what is read of it are one transaction: nobody else's claim comes between. */
    private static Checkpoint pastEarlierSessions(
            MySqlConnections connections,
            String pipeline,
            MySqlConnections.Work<Checkpoint> claiming) {
        return connections.with(
                SessionNames.session(pipeline),
                "claiming the pipeline " + pipeline,
                connection -> {
                    connection.setAutoCommit(false);
                    Checkpoint claimed;
                    try {
                        limitLockWait(connection, 10);
                        claimed = claiming.on(connection);
                    } catch (SQLException e) {
                        connection.rollback();
                        if (e.getErrorCode() != MySqlErrors.LOCK_WAIT) {
                            throw e;
                        }
                        endEarlierSessions(connection, pipeline);
                        limitLockWait(connection, 5);
                        claimed = claiming.on(connection);
                    }
                    connection.commit();
                    // They cannot commit any more, but what they wrote stays locked until they end.
                    endEarlierSessions(connection, pipeline);
                    return claimed;
                });
    }

    private static void limitLockWait(Connection connection, int seconds) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET SESSION innodb_lock_wait_timeout = " + seconds);
        }
    }

    /** Sessions of the same account are seen and may be ended without any privilege. */
    private static void endEarlierSessions(Connection connection, String pipeline) {
        try {
            for (long session : earlierSessions(connection, pipeline)) {
                try (Statement statement = connection.createStatement()) {
                    statement.execute("KILL CONNECTION " + session);
                    LOG.warn(
                            "Ended session {} of the target, an earlier one of {} that was still"
                                    + " open.",
                            session,
                            pipeline);
                } catch (SQLException e) {
                    if (e.getErrorCode() != MySqlErrors.NO_SUCH_THREAD) {
                        throw e;
                    }
                }
            }
        } catch (SQLException e) {
            LOG.warn(
                    "An earlier session of {}, which may hold locks, could not be ended: {}",
                    pipeline,
                    MySqlErrors.reason(e));
        }
    }

    private static List<Long> earlierSessions(Connection connection, String pipeline)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(EARLIER_SESSIONS)) {
            statement.setString(1, SessionNames.apply(pipeline));
            ResultSet rows = statement.executeQuery();
            List<Long> sessions = new ArrayList<>();
            while (rows.next()) {
                sessions.add(rows.getLong(1));
            }
            return sessions;
        }
    }

    private static Checkpoint checkpoint(String pipeline, ResultSet row) throws SQLException {
        String commitTime = row.getString("commit_time");
        return new Checkpoint(
                pipeline,
                row.getLong("epoch"),
                Phase.valueOf(row.getString("phase")),
                position(row.getString("position")),
                commitTime == null ? null : Instant.parse(commitTime),
                row.getString("source_identity"),
                clock(row));
    }

    /** None where the table is of a version before the clock's. */
    private static @Nullable HybridTimestamp clock(ResultSet row) throws SQLException {
        for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
            if (row.getMetaData().getColumnLabel(i).equals("clock")) {
                String text = row.getString(i);
                return text == null ? null : HybridTimestamp.parse(text);
            }
        }
        return null;
    }

    static @Nullable SourcePosition position(@Nullable String text) {
        return text == null ? null : SourcePosition.parse(text);
    }

    private static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }
}
