package io.sluice.connectors.postgres;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.Row;
import io.sluice.change.TableSchema;
import io.sluice.connectors.jdbc.SiteTables;
import io.sluice.connectors.jdbc.Steps;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.ConflictRecord;
import io.sluice.connectors.spi.Orphans;
import io.sluice.connectors.spi.SiteSession;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a site keeps beside its rows, over the connection that writes them. */
final class PostgresSiteSession implements SiteSession {

    private static final String VERSIONS =
            """
            SELECT %s
            FROM sluice.row_version v
            JOIN unnest(?::text[], ?::text[], ?::text[]) AS x(s, t, h)
              ON v.table_schema = x.s AND v.table_name = x.t AND v.key_hash = x.h
            WHERE v.pipeline = ?
            """
                    .formatted(SiteTables.VERSION);

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

    private static final String TAKE_OWN =
            """
            UPDATE sluice.row_version v SET pipeline = ?
            WHERE pipeline = ? AND NOT EXISTS (
              SELECT FROM sluice.row_version o
              WHERE o.pipeline = ? AND o.table_schema = v.table_schema
                AND o.table_name = v.table_name AND o.key_hash = v.key_hash)
            """;

    private final Connection connection;
    private final String pipeline;
    private final String versionsOf;
    private final Steps steps;
    private final RowLocks locks;
    private final SiteTables tables;

    PostgresSiteSession(Steps steps, Connection connection, String pipeline, RowWriter rows) {
        this(steps, connection, pipeline, pipeline, new RowLocks(connection, rows));
    }

    private PostgresSiteSession(
            Steps steps,
            Connection connection,
            String pipeline,
            String versionsOf,
            RowLocks locks) {
        this.steps = steps;
        this.connection = connection;
        this.pipeline = pipeline;
        this.versionsOf = versionsOf;
        this.locks = locks;
        this.tables = new SiteTables(connection, steps, new DriverForms());
    }

    @Override
    public SiteSession shared(String name) {
        return new PostgresSiteSession(steps, connection, pipeline, name, locks);
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
        return steps.run("locking rows of " + table.table(), () -> locks.lock(table, keys));
    }

    @Override
    public Map<Integer, Row> find(TableSchema table, List<Row> keys) {
        return steps.run(
                "looking rows of %s up".formatted(table.table()), () -> locks.find(table, keys));
    }

    @Override
    public Orphans orphans() {
        return new PostgresOrphans(steps, connection, locks);
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
                        StoredVersion version = tables.version(row);
                        found.put(version.row(), version);
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

    @Override
    public void forget(HybridTimestamp decided) {
        tables.forget(versionsOf, decided);
    }

    @Override
    public String forgotten() {
        return tables.forgotten(versionsOf);
    }

    @Override
    public Memory memory() {
        return tables.memory(versionsOf);
    }

    @Override
    public void remember(Memory memory) {
        tables.remember(REMEMBER, versionsOf, memory);
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
        return tables.readingPoint(pipeline);
    }

    @Override
    public void save(ReadingPoint point) {
        tables.save(SAVE, pipeline, point);
    }

    @Override
    public void begin(Checkpoint checkpoint, ReadingPoint point) {
        steps.run(
                "beginning " + checkpoint.pipeline(),
                () -> {
                    if (!CheckpointStore.move(connection, checkpoint)) {
                        throw CheckpointStore.fenced(connection, checkpoint);
                    }
                    return checkpoint;
                });
        tables.save(SAVE, checkpoint.pipeline(), point);
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

    private <T> T asked(String step, String sql, SiteTables.Asking<T> asking) {
        return tables.asked(step + " of " + pipeline, sql, asking);
    }
}
