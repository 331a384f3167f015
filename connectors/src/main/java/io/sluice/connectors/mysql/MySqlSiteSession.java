package io.sluice.connectors.mysql;

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
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a site keeps beside its rows, over the connection that writes them. */
final class MySqlSiteSession implements SiteSession {

    private static final DriverForms FORMS = new DriverForms();

    private static final String VERSIONS =
            """
            SELECT %s
            FROM sluice.row_version v
            WHERE (v.pipeline, v.table_schema, v.table_name, v.key_hash) IN (%%s)
            """
                    .formatted(SiteTables.VERSION);

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

    private final Connection connection;
    private final String pipeline;
    private final String versionsOf;
    private final Steps steps;
    private final SiteRows rows;
    private final SiteTables tables;

    /**
     * @param steps inside the session's transaction
     */
    MySqlSiteSession(Steps steps, Connection connection, String pipeline) {
        this(steps, connection, pipeline, pipeline, new SiteRows(connection));
    }

    private MySqlSiteSession(
            Steps steps, Connection connection, String pipeline, String versionsOf, SiteRows rows) {
        this.steps = steps;
        this.connection = connection;
        this.pipeline = pipeline;
        this.versionsOf = versionsOf;
        this.rows = rows;
        this.tables = new SiteTables(connection, steps, FORMS);
    }

    @Override
    public SiteSession shared(String versions) {
        return new MySqlSiteSession(steps, connection, pipeline, versions, rows);
    }

    /** The lock is on a row of its own, which names no table and is never forgotten. */
    @Override
    public void alone() {
        asked(
                "waiting for who else applies",
                ALONE,
                statement -> {
                    tables.name(statement, 1, versionsOf);
                    statement.setLong(2, Long.MAX_VALUE);
                    return statement.executeUpdate();
                });
    }

    @Override
    public BitSet lock(TableSchema table, List<Row> keys) {
        return steps.run("locking rows of " + table.table(), () -> rows.lock(table, keys));
    }

    @Override
    public Map<Integer, Row> find(TableSchema table, List<Row> keys) {
        return steps.run(
                "looking rows of %s up".formatted(table.table()), () -> rows.find(table, keys));
    }

    @Override
    public Orphans orphans() {
        return new MySqlOrphans(steps, connection, rows);
    }

    @Override
    public Map<RowName, StoredVersion> versions(Collection<RowName> names) {
        Map<RowName, StoredVersion> found = new HashMap<>();
        inBatches(
                "reading the versions of rows",
                VERSIONS,
                List.copyOf(names),
                row -> values(versionsOf, row),
                statement -> {
                    ResultSet row = statement.executeQuery();
                    while (row.next()) {
                        StoredVersion version = tables.version(row);
                        found.put(version.row(), version);
                    }
                });
        return found;
    }

    @Override
    public void keep(Collection<StoredVersion> versions) {
        inBatches(
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
        inBatches(
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
                            tables.name(statement, 1, versionsOf);
                            tables.name(statement, 2, versionsOf);
                            tables.name(statement, 3, pipeline);
                            return statement.executeUpdate() > 0;
                        });
    }

    private static List<@Nullable Object> values(String owner, RowName row) {
        List<@Nullable Object> values = new ArrayList<>();
        values.add(FORMS.name(owner));
        values.add(FORMS.name(row.table().schema()));
        values.add(FORMS.name(row.table().name()));
        values.add(row.keyHash());
        return values;
    }

    @FunctionalInterface
    private interface Doing {
        void with(PreparedStatement statement) throws SQLException;
    }

    /**
     * @param sql with one place for the values of as many as go together
     */
    private <T> void inBatches(
            String step,
            String sql,
            List<T> all,
            Function<T, List<@Nullable Object>> values,
            Doing doing) {
        for (List<List<@Nullable Object>> batch : ValueBatches.of(all, values)) {
            String one = "(" + "?, ".repeat(batch.getFirst().size() - 1) + "?)";
            asked(
                    step,
                    sql.formatted(String.join(", ", Collections.nCopies(batch.size(), one))),
                    statement -> {
                        int parameter = 1;
                        for (List<@Nullable Object> row : batch) {
                            for (Object value : row) {
                                statement.setObject(parameter++, value);
                            }
                        }
                        doing.with(statement);
                        return batch.size();
                    });
        }
    }

    private <T> T asked(String step, String sql, SiteTables.Asking<T> asking) {
        return tables.asked(step + " of " + pipeline, sql, asking);
    }
}
