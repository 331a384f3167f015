package io.sluice.connectors.postgres;

import io.sluice.connectors.spi.ReplicaLag;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;

/**
 * Asks how far standbys are behind. Readers of logical slots, the gateway's own among them, are
 * none.
 */
final class ReplicaLags {

    private static final String QUERY =
            """
            SELECT coalesce(nullif(r.application_name, ''), host(r.client_addr), 'a standby'),
              (extract(epoch FROM r.replay_lag) * 1000)::int8
            FROM pg_stat_replication r
            LEFT JOIN pg_replication_slots s ON s.active_pid = r.pid
            WHERE s.slot_type IS DISTINCT FROM 'logical' AND r.replay_lag IS NOT NULL
            UNION ALL
            SELECT 'the source itself',
              (extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) * 1000)::int8
            WHERE pg_is_in_recovery()
              AND pg_last_wal_receive_lsn() IS DISTINCT FROM pg_last_wal_replay_lsn()
              AND pg_last_xact_replay_timestamp() IS NOT NULL
            ORDER BY 2 DESC LIMIT 1
            """;

    private ReplicaLags() {}

    static Optional<ReplicaLag> furthest(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(QUERY)) {
            return row.next()
                    ? Optional.of(
                            new ReplicaLag(
                                    row.getString(1),
                                    Duration.ofMillis(Math.max(0, row.getLong(2)))))
                    : Optional.empty();
        }
    }
}
