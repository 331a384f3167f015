package io.sluice.connectors.postgres;

import io.sluice.change.AppliedMark;
import io.sluice.change.HybridTimestamp;
import io.sluice.connectors.debezium.SiteCapture;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.Checkpoint.Phase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Moves the checkpoint and commits, in one round trip: the server skips what follows a statement
 * that failed. The update fails, by dividing by the number of rows that it touched, where the epoch
 * is another one by now.
 *
 * <p>Of a site's session the transaction says in the log what it brought. Its origin is told the
 * time of this database: without it the log would have that of the session's first commit for all.
 */
final class CheckpointCommit {

    private static final String MOVE =
            """
            WITH moved AS (
              UPDATE sluice.checkpoint
              SET phase = ?, position = ?, commit_time = ?::timestamptz, source_identity = ?,
                updated_at = now()%s
              WHERE pipeline = ? AND epoch = ?
              RETURNING 1
            ) SELECT 1 / count(*)%s FROM moved; COMMIT""";

    private static final String PLAIN = MOVE.formatted("", "");

    private static final String STAMP = ", clock = coalesce(?, clock)";

    private static final String MARK =
            ", CASE WHEN ?::text IS NOT NULL THEN pg_logical_emit_message(true, '%s', ?::text) END"
                    .formatted(SiteCapture.MARK);

    private static final String ORIGIN =
            ", pg_replication_origin_xact_setup('0/0', clock_timestamp())";

    private static final String BY_MESSAGE = MOVE.formatted(STAMP, MARK);
    private static final String BY_ORIGIN = MOVE.formatted(STAMP, MARK + ORIGIN);

    private CheckpointCommit() {}

    /**
     * @param mark of a site's session; null of any other
     */
    static void execute(Connection connection, Checkpoint checkpoint, @Nullable SessionMark mark)
            throws SQLException {
        String sql = mark == null ? PLAIN : mark.hasOrigin() ? BY_ORIGIN : BY_MESSAGE;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            int at = 1;
            statement.setString(at++, checkpoint.phase().name());
            statement.setString(
                    at++, checkpoint.position() == null ? null : checkpoint.position().text());
            statement.setString(
                    at++,
                    checkpoint.commitTime() == null ? null : checkpoint.commitTime().toString());
            statement.setString(at++, checkpoint.sourceIdentity());
            if (mark != null) {
                statement.setString(
                        at++, checkpoint.clock() == null ? null : checkpoint.clock().toString());
            }
            statement.setString(at++, checkpoint.pipeline());
            statement.setLong(at++, checkpoint.epoch());
            if (mark != null) {
                String content = content(checkpoint);
                statement.setString(at++, content);
                statement.setString(at, content);
            }
            statement.execute();
        }
    }

    /** Before the copy is complete, its position does not say what the site has seen. */
    private static @Nullable String content(Checkpoint checkpoint) {
        if (checkpoint.phase() != Phase.STREAMING) {
            return null;
        }
        HybridTimestamp clock = checkpoint.clock();
        return new AppliedMark(
                        checkpoint.pipeline(),
                        Objects.requireNonNull(checkpoint.position()),
                        clock == null ? HybridTimestamp.ZERO : clock)
                .text();
    }
}
