package io.sluice.connectors.postgres;

import io.sluice.change.Lsn;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A replication slot as the server describes it.
 *
 * @param ours whether it is a logical slot of pgoutput in the connected database
 * @param holder which process and client use it; null while it is inactive
 * @param confirmed up to where the server believes that everything has arrived; null where it is
 *     not known any more
 * @param invalid why the server can no longer serve the slot; null as long as it can
 */
record Slot(
        String name,
        boolean ours,
        @Nullable String holder,
        @Nullable Lsn confirmed,
        @Nullable String invalid) {

    // Some columns came with later versions; to_jsonb reads them where they are.
    private static final String FIND =
            """
            SELECT s.slot_name::text,
              s.slot_type = 'logical' AND s.plugin = 'pgoutput' AND s.database = current_database(),
              CASE WHEN s.active THEN 'process ' || coalesce(s.active_pid::text, '?')
                || coalesce(' of ' || nullif(a.application_name, ''), '')
                || coalesce(' from ' || host(a.client_addr), '') END,
              s.confirmed_flush_lsn::text,
              CASE
                WHEN to_jsonb(s)->>'invalidation_reason' IS NOT NULL
                  THEN to_jsonb(s)->>'invalidation_reason'
                WHEN s.wal_status = 'lost' THEN 'wal_removed'
                WHEN to_jsonb(s)->>'conflicting' = 'true' THEN 'conflict with recovery'
              END
            FROM pg_replication_slots s LEFT JOIN pg_stat_activity a ON a.pid = s.active_pid
            WHERE s.slot_name = ?
            """;

    static Optional<Slot> find(Connection connection, String name) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(FIND)) {
            statement.setString(1, name);
            ResultSet row = statement.executeQuery();
            if (!row.next()) {
                return Optional.empty();
            }
            String confirmed = row.getString(4);
            return Optional.of(
                    new Slot(
                            row.getString(1),
                            row.getBoolean(2),
                            row.getString(3),
                            confirmed == null ? null : Lsn.parse(confirmed),
                            row.getString(5)));
        }
    }

    boolean isActive() {
        return holder != null;
    }
}
