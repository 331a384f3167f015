package io.sluice.connectors.mysql;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.Row;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.ConflictRecord;
import io.sluice.connectors.spi.Orphans;
import io.sluice.connectors.spi.SiteSession;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a site keeps beside its rows, over the connection that writes them. */
final class MySqlSiteSession implements SiteSession {

    private static final String VERSIONS =
            """
            SELECT table_schema, table_name, key_hash, row_key, version, decided
            FROM sluice.row_version
            WHERE (pipeline, table_schema, table_name, key_hash) IN (%s)
            """;

    private static final String KEEP =
            """
            INSERT INTO sluice.row_version
              (pipeline, table_schema, table_name, key_hash, row_key, version, decided, decided_micros)
            VALUES %s
            ON DUPLICATE KEY UPDATE version = VALUES(version), decided = VALUES(decided),
              decided_micros = VALUES(decided_micros)
            """;

    /** Locks the row that is there, without a change that the log would tell of. */
    private static final String ALONE =
            """
            INSERT INTO sluice.row_version
              (pipeline, table_schema, table_name, key_hash, row_key, version, decided, decided_micros)
            VALUES (?, '', '', '', '{}', '', '', ?)
            ON DUPLICATE KEY UPDATE decided_micros = decided_micros
            """;

    private static final String RECORD =
            """
            INSERT INTO sluice.conflict
              (pipeline, table_schema, table_name, key_hash, row_key, kind, resolution, reason,
               operation, incoming_version, standing_version, incoming_row, standing_row, policy,
               result_row)
            VALUES %s
            """;

    private static final String SAVE =
            """
            INSERT INTO sluice.reading_point (pipeline, position, clock, seen) VALUES (?, ?, ?, ?)
            ON DUPLICATE KEY UPDATE position = VALUES(position), clock = VALUES(clock),
              seen = VALUES(seen)
            """;

    private static final String REMEMBER =
            "REPLACE INTO sluice.site_memory (pipeline, forgotten, moments) VALUES (?, ?, ?)";

    /** Those of rows that are kept for all already stay as they are, as does what holds a lock. */
    private static final String TAKE_OWN =
            """
            UPDATE sluice.row_version v
            LEFT JOIN sluice.row_version o ON o.pipeline = ? AND o.table_schema = v.table_schema
              AND o.table_name = v.table_name AND o.key_hash = v.key_hash
            SET v.pipeline = ?
            WHERE v.pipeline = ? AND v.key_hash <> '' AND o.pipeline IS NULL
            """;

    private final String place;
    private final Connection connection;
    private final byte[] pipeline;
    private final String name;
    private final byte[] versionsOf;
    private final Guard guard;
    private final SiteRows rows;

    /** Around what is done inside the session's transaction. */
    interface Guard {

        /** Begins and marks it, where that is to be done, and undoes it after an error. */
        <T> T run(Supplier<T> work);
    }

    MySqlSiteSession(String place, Connection connection, String pipeline, Guard guard) {
        this(place, connection, pipeline, pipeline, guard, new SiteRows(connection));
    }

    private MySqlSiteSession(
            String place,
            Connection connection,
            String pipeline,
            String versionsOf,
            Guard guard,
            SiteRows rows) {
        this.place = place;
        this.connection = connection;
        this.name = pipeline;
        this.pipeline = bytes(pipeline);
        this.versionsOf = bytes(versionsOf);
        this.guard = guard;
        this.rows = rows;
    }

    @Override
    public SiteSession shared(String versions) {
        return new MySqlSiteSession(place, connection, name, versions, guard, rows);
    }

    /** The lock is on a row of its own, which names no table and is never forgotten. */
    @Override
    public void alone() {
        asked(
                "waiting for who else applies",
                ALONE,
                statement -> {
                    statement.setBytes(1, versionsOf);
                    statement.setLong(2, Long.MAX_VALUE);
                    return statement.executeUpdate();
                });
    }

    @Override
    public BitSet lock(TableSchema table, List<Row> keys) {
        return guard.run(
                () -> {
                    try {
                        return rows.lock(table, keys);
                    } catch (SQLException e) {
                        throw MySqlErrors.failure(place + ": locking rows of " + table.table(), e);
                    }
                });
    }

    @Override
    public Map<Integer, Row> find(TableSchema table, List<Row> keys) {
        return guard.run(
                () -> {
                    try {
                        return rows.find(table, keys);
                    } catch (SQLException e) {
                        throw MySqlErrors.failure(
                                "%s: looking rows of %s up".formatted(place, table.table()), e);
                    }
                });
    }

    @Override
    public Orphans orphans() {
        return new MySqlOrphans(place, connection, rows, guard);
    }

    @Override
    public Map<RowName, StoredVersion> versions(Collection<RowName> names) {
        Map<RowName, StoredVersion> found = new HashMap<>();
        inParts(
                "reading the versions of rows",
                VERSIONS,
                List.copyOf(names),
                row -> values(versionsOf, row),
                statement -> {
                    ResultSet row = statement.executeQuery();
                    while (row.next()) {
                        StoredVersion version = MySqlSiteSnapshot.version(row);
                        found.put(version.row(), version);
                    }
                });
        return found;
    }

    @Override
    public void keep(Collection<StoredVersion> versions) {
        inParts(
                "keeping the versions of rows",
                KEEP,
                List.copyOf(versions),
                version -> {
                    List<@Nullable Object> values = values(versionsOf, version.row());
                    values.add(version.key());
                    values.add(version.version());
                    values.add(version.decided().toString());
                    values.add(version.decided().micros());
                    return values;
                },
                PreparedStatement::executeUpdate);
    }

    /** What is of the very microsecond stays until the next one has passed. */
    @Override
    public void forget(HybridTimestamp decided) {
        asked(
                "forgetting the versions of rows",
                "DELETE FROM sluice.row_version WHERE pipeline = ? AND decided_micros < ?",
                statement -> {
                    statement.setBytes(1, versionsOf);
                    statement.setLong(2, decided.micros());
                    return statement.executeUpdate();
                });
    }

    @Override
    public String forgotten() {
        return asked(
                "reading what was forgotten",
                MySqlSiteSnapshot.FORGOTTEN,
                statement -> {
                    statement.setBytes(1, versionsOf);
                    return MySqlSiteSnapshot.forgotten(statement.executeQuery());
                });
    }

    @Override
    public Memory memory() {
        return asked(
                "reading what is remembered",
                "SELECT forgotten, moments FROM sluice.site_memory WHERE pipeline = ?",
                statement -> {
                    statement.setBytes(1, versionsOf);
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
                    statement.setBytes(1, versionsOf);
                    statement.setString(2, memory.forgotten());
                    statement.setString(3, memory.moments());
                    return statement.executeUpdate();
                });
    }

    @Override
    public void record(Collection<ConflictRecord> conflicts) {
        inParts(
                "recording conflicts",
                RECORD,
                List.copyOf(conflicts),
                conflict -> {
                    List<@Nullable Object> values = values(pipeline, conflict.row());
                    values.add(conflict.key());
                    values.add(conflict.kind());
                    values.add(conflict.resolution());
                    values.add(conflict.reason());
                    values.add(conflict.operation());
                    values.add(conflict.incomingVersion());
                    values.add(conflict.standingVersion());
                    values.add(conflict.incoming());
                    values.add(conflict.standing());
                    values.add(conflict.policy());
                    values.add(conflict.result());
                    return values;
                },
                PreparedStatement::executeUpdate);
    }

    @Override
    public Optional<ReadingPoint> readingPoint() {
        return asked(
                "reading from where to read",
                MySqlSiteSnapshot.READING_POINT,
                statement -> {
                    statement.setBytes(1, pipeline);
                    return MySqlSiteSnapshot.readingPoint(statement.executeQuery());
                });
    }

    @Override
    public void save(ReadingPoint point) {
        save(pipeline, point);
    }

    private void save(byte[] of, ReadingPoint point) {
        asked(
                "saving from where to read",
                SAVE,
                statement -> {
                    statement.setBytes(1, of);
                    statement.setString(2, point.position().text());
                    statement.setString(3, point.clock().toString());
                    statement.setString(4, point.seen());
                    return statement.executeUpdate();
                });
    }

    @Override
    public void begin(Checkpoint checkpoint, ReadingPoint point) {
        guard.run(
                () -> {
                    try {
                        if (!CheckpointStore.move(connection, checkpoint)) {
                            throw CheckpointStore.fenced(connection, checkpoint);
                        }
                        return checkpoint;
                    } catch (SQLException e) {
                        throw MySqlErrors.failure(
                                place + ": beginning " + checkpoint.pipeline(), e);
                    }
                });
        save(bytes(checkpoint.pipeline()), point);
    }

    @Override
    public boolean takeOwn() {
        return !Arrays.equals(pipeline, versionsOf)
                && asked(
                        "taking the versions of rows along",
                        TAKE_OWN,
                        statement -> {
                            statement.setBytes(1, versionsOf);
                            statement.setBytes(2, versionsOf);
                            statement.setBytes(3, pipeline);
                            return statement.executeUpdate() > 0;
                        });
    }

    private static List<@Nullable Object> values(byte[] owner, RowName row) {
        List<@Nullable Object> values = new ArrayList<>();
        values.add(owner);
        values.add(bytes(row.table().schema()));
        values.add(bytes(row.table().name()));
        values.add(row.keyHash());
        return values;
    }

    @FunctionalInterface
    private interface Asking<T> {
        T ask(PreparedStatement statement) throws SQLException;
    }

    @FunctionalInterface
    private interface Doing {
        void with(PreparedStatement statement) throws SQLException;
    }

    /**
     * @param sql with one place for the values of as many as go together
     */
    private <T> void inParts(
            String step,
            String sql,
            List<T> all,
            Function<T, List<@Nullable Object>> values,
            Doing doing) {
        for (List<List<@Nullable Object>> part : StatementParts.of(all, values)) {
            String one = "(" + "?, ".repeat(part.getFirst().size() - 1) + "?)";
            asked(
                    step,
                    sql.formatted(String.join(", ", Collections.nCopies(part.size(), one))),
                    statement -> {
                        int parameter = 1;
                        for (List<@Nullable Object> row : part) {
                            for (Object value : row) {
                                statement.setObject(parameter++, value);
                            }
                        }
                        doing.with(statement);
                        return part.size();
                    });
        }
    }

    private <T> T asked(String step, String sql, Asking<T> asking) {
        return guard.run(
                () -> {
                    try (PreparedStatement statement = connection.prepareStatement(sql)) {
                        return asking.ask(statement);
                    } catch (SQLException e) {
                        throw MySqlErrors.failure(place + ": " + step + " of " + name, e);
                    }
                });
    }

    private static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }
}
