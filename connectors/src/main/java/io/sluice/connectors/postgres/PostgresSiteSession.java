package io.sluice.connectors.postgres;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.Row;
import io.sluice.change.SourcePosition;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.CollisionException;
import io.sluice.connectors.spi.ConflictRecord;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.Orphans;
import io.sluice.connectors.spi.SiteSession;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a site keeps beside its rows, over the connection that writes them. */
final class PostgresSiteSession implements SiteSession {

    private static final String VERSIONS =
            """
            SELECT v.table_schema, v.table_name, v.key_hash, v.row_key, v.version, v.decided
            FROM sluice.row_version v
            JOIN unnest(?::text[], ?::text[], ?::text[]) AS x(s, t, h)
              ON v.table_schema = x.s AND v.table_name = x.t AND v.key_hash = x.h
            WHERE v.pipeline = ?
            """;

    private static final String KEEP =
            """
            INSERT INTO sluice.row_version
              (pipeline, table_schema, table_name, key_hash, row_key, version, decided, decided_micros)
            SELECT ?, s, t, h, k::json, v, d, m
            FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::int8[])
              AS x(s, t, h, k, v, d, m)
            ON CONFLICT (pipeline, table_schema, table_name, key_hash) DO UPDATE
              SET version = excluded.version, decided = excluded.decided,
                decided_micros = excluded.decided_micros
            """;

    private static final String RECORD =
            """
            INSERT INTO sluice.conflict
              (pipeline, table_schema, table_name, key_hash, row_key, kind, resolution, reason,
               operation, incoming_version, standing_version, incoming_row, standing_row, policy,
               result_row)
            SELECT ?, s, t, h, k::json, kind, resolution, reason, o, iv, sv, i::json, r::json, p, m::json
            FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[],
                ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[])
              AS x(s, t, h, k, kind, resolution, reason, o, iv, sv, i, r, p, m)
            """;

    private static final String SAVE =
            """
            INSERT INTO sluice.reading_point (pipeline, position, clock, seen) VALUES (?, ?, ?, ?)
            ON CONFLICT (pipeline) DO UPDATE SET position = excluded.position,
              clock = excluded.clock, seen = excluded.seen
            """;

    private static final String REMEMBER =
            """
            INSERT INTO sluice.site_memory (pipeline, forgotten, moments) VALUES (?, ?, ?)
            ON CONFLICT (pipeline) DO UPDATE SET forgotten = excluded.forgotten,
              moments = excluded.moments
            """;

    private static final String BEGIN =
            """
            UPDATE sluice.checkpoint
            SET phase = ?, position = ?, commit_time = ?::timestamptz, source_identity = ?, clock = ?,
              updated_at = now()
            WHERE pipeline = ? AND epoch = ?
            """;

    private static final String TAKE_OWN =
            """
            UPDATE sluice.row_version v SET pipeline = ?
            WHERE pipeline = ? AND NOT EXISTS (
              SELECT FROM sluice.row_version o
              WHERE o.pipeline = ? AND o.table_schema = v.table_schema
                AND o.table_name = v.table_name AND o.key_hash = v.key_hash)
            """;

    /** A failed serialization, a deadlock. */
    private static final Set<String> COLLISIONS = Set.of("40001", "40P01");

    private final String place;
    private final Connection connection;
    private final String pipeline;
    private final String versionsOf;
    private final RowLocks locks;

    PostgresSiteSession(String place, Connection connection, String pipeline, RowWriter rows) {
        this(place, connection, pipeline, pipeline, new RowLocks(connection, rows));
    }

    private PostgresSiteSession(
            String place,
            Connection connection,
            String pipeline,
            String versionsOf,
            RowLocks locks) {
        this.place = place;
        this.connection = connection;
        this.pipeline = pipeline;
        this.versionsOf = versionsOf;
        this.locks = locks;
    }

    @Override
    public SiteSession shared(String name) {
        return new PostgresSiteSession(place, connection, pipeline, name, locks);
    }

    @Override
    public void alone() {
        asked(
                "waiting for who else applies",
                "SELECT pg_advisory_xact_lock(hashtextextended('sluice ' || ?::text, 0))",
                statement -> {
                    statement.setString(1, versionsOf);
                    return statement.execute();
                });
    }

    @Override
    public BitSet lock(TableSchema table, List<Row> keys) {
        try {
            return locks.lock(table, keys);
        } catch (SQLException e) {
            ConnectorException failure =
                    PostgresErrors.failure(place + ": locking rows of " + table.table(), e);
            throw COLLISIONS.contains(String.valueOf(e.getSQLState()))
                    ? new CollisionException(String.valueOf(failure.getMessage()), failure)
                    : failure;
        }
    }

    @Override
    public Map<Integer, Row> find(TableSchema table, List<Row> keys) {
        try {
            return locks.find(table, keys);
        } catch (SQLException e) {
            throw PostgresErrors.failure(
                    "%s: looking rows of %s up".formatted(place, table.table()), e);
        }
    }

    @Override
    public Orphans orphans() {
        return new PostgresOrphans(place, connection, locks);
    }

    @Override
    public Map<RowName, StoredVersion> versions(Collection<RowName> names) {
        if (names.isEmpty()) {
            return Map.of();
        }
        return asked(
                "reading the versions of rows",
                VERSIONS,
                statement -> {
                    texts(statement, 1, names, name -> name.table().schema());
                    texts(statement, 2, names, name -> name.table().name());
                    texts(statement, 3, names, RowName::keyHash);
                    statement.setString(4, versionsOf);
                    Map<RowName, StoredVersion> found = new HashMap<>();
                    ResultSet row = statement.executeQuery();
                    while (row.next()) {
                        RowName name =
                                new RowName(
                                        new TableId(row.getString(1), row.getString(2)),
                                        row.getString(3));
                        found.put(
                                name,
                                new StoredVersion(
                                        name,
                                        row.getString(4),
                                        row.getString(5),
                                        HybridTimestamp.parse(row.getString(6))));
                    }
                    return found;
                });
    }

    @Override
    public void keep(Collection<StoredVersion> versions) {
        if (versions.isEmpty()) {
            return;
        }
        asked(
                "keeping the versions of rows",
                KEEP,
                statement -> {
                    statement.setString(1, versionsOf);
                    texts(statement, 2, versions, version -> version.row().table().schema());
                    texts(statement, 3, versions, version -> version.row().table().name());
                    texts(statement, 4, versions, version -> version.row().keyHash());
                    texts(statement, 5, versions, StoredVersion::key);
                    texts(statement, 6, versions, StoredVersion::version);
                    texts(statement, 7, versions, version -> version.decided().toString());
                    Object[] micros =
                            versions.stream().map(version -> version.decided().micros()).toArray();
                    statement.setArray(8, connection.createArrayOf("int8", micros));
                    return statement.executeUpdate();
                });
    }

    /** What is of the very microsecond stays until the next one has passed. */
    @Override
    public void forget(HybridTimestamp decided) {
        asked(
                "forgetting the versions of rows",
                "DELETE FROM sluice.row_version WHERE pipeline = ? AND decided_micros < ?",
                statement -> {
                    statement.setString(1, versionsOf);
                    statement.setLong(2, decided.micros());
                    return statement.executeUpdate();
                });
    }

    @Override
    public String forgotten() {
        try {
            return PostgresSiteSnapshot.forgotten(connection, versionsOf);
        } catch (SQLException e) {
            throw PostgresErrors.failure(place + ": reading what was forgotten", e);
        }
    }

    @Override
    public Memory memory() {
        return asked(
                "reading what is remembered",
                "SELECT forgotten, moments FROM sluice.site_memory WHERE pipeline = ?",
                statement -> {
                    statement.setString(1, versionsOf);
                    ResultSet row = statement.executeQuery();
                    return row.next()
                            ? new Memory(row.getString(1), row.getString(2))
                            : new Memory("", "");
                });
    }

    @Override
    public void remember(Memory memory) {
        asked(
                "remembering moments",
                REMEMBER,
                statement -> {
                    statement.setString(1, versionsOf);
                    statement.setString(2, memory.forgotten());
                    statement.setString(3, memory.moments());
                    return statement.executeUpdate();
                });
    }

    @Override
    public void record(Collection<ConflictRecord> conflicts) {
        if (conflicts.isEmpty()) {
            return;
        }
        asked(
                "recording conflicts",
                RECORD,
                statement -> {
                    statement.setString(1, pipeline);
                    texts(statement, 2, conflicts, conflict -> conflict.row().table().schema());
                    texts(statement, 3, conflicts, conflict -> conflict.row().table().name());
                    texts(statement, 4, conflicts, conflict -> conflict.row().keyHash());
                    texts(statement, 5, conflicts, ConflictRecord::key);
                    texts(statement, 6, conflicts, ConflictRecord::kind);
                    texts(statement, 7, conflicts, ConflictRecord::resolution);
                    texts(statement, 8, conflicts, ConflictRecord::reason);
                    texts(statement, 9, conflicts, ConflictRecord::operation);
                    texts(statement, 10, conflicts, ConflictRecord::incomingVersion);
                    texts(statement, 11, conflicts, ConflictRecord::standingVersion);
                    texts(statement, 12, conflicts, ConflictRecord::incoming);
                    texts(statement, 13, conflicts, ConflictRecord::standing);
                    texts(statement, 14, conflicts, ConflictRecord::policy);
                    texts(statement, 15, conflicts, ConflictRecord::result);
                    return statement.executeUpdate();
                });
    }

    @Override
    public Optional<ReadingPoint> readingPoint() {
        try {
            return PostgresSiteSnapshot.readingPoint(connection, pipeline);
        } catch (SQLException e) {
            throw PostgresErrors.failure(place + ": reading from where to read of " + pipeline, e);
        }
    }

    @Override
    public void save(ReadingPoint point) {
        save(pipeline, point);
    }

    private void save(String of, ReadingPoint point) {
        asked(
                "saving from where to read",
                SAVE,
                statement -> {
                    statement.setString(1, of);
                    statement.setString(2, point.position().text());
                    statement.setString(3, point.clock().toString());
                    statement.setString(4, point.seen());
                    return statement.executeUpdate();
                });
    }

    @Override
    public void begin(Checkpoint checkpoint, ReadingPoint point) {
        asked(
                "beginning " + checkpoint.pipeline(),
                BEGIN,
                statement -> {
                    statement.setString(1, checkpoint.phase().name());
                    statement.setString(2, text(checkpoint.position(), SourcePosition::text));
                    statement.setString(3, text(checkpoint.commitTime(), Instant::toString));
                    statement.setString(4, checkpoint.sourceIdentity());
                    statement.setString(5, text(checkpoint.clock(), HybridTimestamp::toString));
                    statement.setString(6, checkpoint.pipeline());
                    statement.setLong(7, checkpoint.epoch());
                    if (statement.executeUpdate() != 1) {
                        throw CheckpointStore.fenced(connection, checkpoint);
                    }
                    return checkpoint;
                });
        save(checkpoint.pipeline(), point);
    }

    private static <T> @Nullable String text(@Nullable T value, Function<T, String> text) {
        return value == null ? null : text.apply(value);
    }

    @Override
    public boolean takeOwn() {
        return !pipeline.equals(versionsOf)
                && asked(
                        "taking the versions of rows along",
                        TAKE_OWN,
                        statement -> {
                            statement.setString(1, versionsOf);
                            statement.setString(2, pipeline);
                            statement.setString(3, versionsOf);
                            return statement.executeUpdate() > 0;
                        });
    }

    private <T> void texts(
            PreparedStatement statement,
            int parameter,
            Collection<T> values,
            Function<T, @Nullable String> text)
            throws SQLException {
        Object[] texts = new String[values.size()];
        int i = 0;
        for (T value : values) {
            texts[i++] = text.apply(value);
        }
        statement.setArray(parameter, connection.createArrayOf("text", texts));
    }

    @FunctionalInterface
    private interface Asking<T> {
        T ask(PreparedStatement statement) throws SQLException;
    }

    private <T> T asked(String step, String sql, Asking<T> asking) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            return asking.ask(statement);
        } catch (SQLException e) {
            throw PostgresErrors.failure(place + ": " + step + " of " + pipeline, e);
        }
    }
}
