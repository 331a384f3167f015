package io.sluice.connectors.postgres;

import io.sluice.change.Lsn;
import io.sluice.connectors.spi.SourceProbe;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Connects when it is first asked, and anew after an error. Used by one thread. */
final class PostgresProbe implements SourceProbe {

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

    private static final String READ =
            """
            SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::int8,
              pg_current_wal_flush_lsn()::text,
              (SELECT pg_wal_lsn_diff(pg_current_wal_flush_lsn(), restart_lsn)::int8
               FROM pg_replication_slots WHERE slot_name = ?),
              (SELECT md5(concat_ws('|', p.oid, p.pubinsert, p.pubupdate, p.pubdelete,
                 p.pubtruncate, p.pubviaroot, (SELECT string_agg(to_jsonb(r)::text, ',' ORDER BY
                   r.prrelid) FROM pg_publication_rel r WHERE r.prpubid = p.oid)))
               FROM pg_publication p WHERE p.pubname = ?),
              (SELECT safe_wal_size FROM pg_replication_slots WHERE slot_name = ?)
            """;

    private final PostgresConnections connections;
    private final String pipeline;
    private @Nullable Connection current;
    private OptionalLong room = OptionalLong.empty();

    PostgresProbe(PostgresConnections connections, String pipeline) {
        this.connections = connections;
        this.pipeline = pipeline;
    }

    @Override
    public Reading read() {
        return measure(
                "asking for clock and position",
                connection -> {
                    try (PreparedStatement statement = connection.prepareStatement(READ)) {
                        statement.setString(1, LogNames.slot(pipeline));
                        statement.setString(2, LogNames.publication(pipeline));
                        statement.setString(3, LogNames.slot(pipeline));
                        ResultSet row = statement.executeQuery();
                        row.next();
                        Instant clock = Instant.EPOCH.plus(row.getLong(1), ChronoUnit.MICROS);
                        long retained = row.getLong(3);
                        boolean keepsNothing = row.wasNull();
                        long safe = row.getLong(5);
                        room = row.wasNull() ? OptionalLong.empty() : OptionalLong.of(safe);
                        return new Reading(
                                clock,
                                Lsn.parse(row.getString(2)),
                                keepsNothing ? -1 : Math.max(0, retained),
                                row.getString(4));
                    }
                });
    }

    @Override
    public OptionalLong roomBytes() {
        return room;
    }

    @Override
    public void heartbeat() {
        measure(
                "writing a heartbeat",
                connection -> {
                    try (PreparedStatement statement =
                            connection.prepareStatement(
                                    "SELECT pg_logical_emit_message(true, 'sluice', ?)")) {
                        statement.setString(1, pipeline);
                        return statement.execute();
                    }
                });
    }

    @Override
    public void close() {
        Connection connection = current;
        current = null;
        if (connection != null) {
            connections.release(connection);
        }
    }

    private <T> T measure(String step, PostgresConnections.Work<T> work) {
        try {
            return work.on(connection());
        } catch (SQLException e) {
            close();
            throw PostgresErrors.failure(connections.name() + ": " + step, e);
        }
    }

    private Connection connection() throws SQLException {
        Connection connection = current;
        if (connection == null) {
            connection = connections.open(LogNames.session(pipeline));
            current = connection;
            connection.setNetworkTimeout(Runnable::run, Math.toIntExact(LONGEST_WAIT.toMillis()));
            try (Statement statement = connection.createStatement()) {
                // A heartbeat must not wait for the standby that it may be the kick for.
                statement.execute("SET synchronous_commit = local");
            }
        }
        return connection;
    }
}
