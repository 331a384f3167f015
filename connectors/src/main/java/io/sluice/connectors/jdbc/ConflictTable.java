package io.sluice.connectors.jdbc;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.ConflictRecord;
import io.sluice.connectors.spi.ConflictSearch;
import io.sluice.connectors.spi.RecordedConflict;
import io.sluice.connectors.spi.SiteSession.RowName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Some pipelines' rows of {@code sluice.conflict}, and who resolved which. Immutable. */
public final class ConflictTable {

    private static final String COLUMNS =
            """
            SELECT c.id, c.pipeline, c.table_schema, c.table_name, c.key_hash, c.row_key, c.kind,
              c.resolution, c.reason, c.operation, c.incoming_version, c.standing_version, c.at,
              r.resolved_at, r.resolved_by, r.choice, c.policy""";

    private static final String FROM =
            """

            FROM sluice.conflict c
            LEFT JOIN sluice.conflict_resolution r ON r.conflict_id = c.id
            WHERE c.pipeline IN (%s)
            """;

    /** These wait for somebody. */
    private static final String OPEN =
            " (c.resolution = 'park' OR c.kind = '%s') AND r.conflict_id IS NULL"
                    .formatted(ConflictRecord.FOREIGN_KEY_MISSING);

    private final Forms forms;
    private final List<String> pipelines;

    public ConflictTable(Forms forms, List<String> pipelines) {
        this.forms = forms;
        this.pipelines = List.copyOf(pipelines);
        if (pipelines.isEmpty()) {
            throw new IllegalArgumentException("no pipeline");
        }
    }

    /** Statements and their parameters, put together in one go. */
    private final class Query {

        private final StringBuilder sql;
        private final List<Object> values = new ArrayList<>();

        Query(String start) {
            String places = pipelines.stream().map(p -> "?").collect(Collectors.joining(", "));
            sql = new StringBuilder(start).append(FROM.formatted(places));
            pipelines.forEach(name -> values.add(forms.name(name)));
        }

        Query where(String condition, @Nullable Object value) {
            if (value != null) {
                sql.append(" AND ").append(condition);
                values.add(value);
            }
            return this;
        }

        Query and(String text) {
            sql.append(text);
            return this;
        }

        PreparedStatement on(Connection connection) throws SQLException {
            PreparedStatement statement = connection.prepareStatement(sql.toString());
            for (int i = 0; i < values.size(); i++) {
                statement.setObject(i + 1, values.get(i));
            }
            return statement;
        }
    }

    List<RecordedConflict> page(
            Connection connection, ConflictSearch search, long before, int atMost)
            throws SQLException {
        Query query =
                new Query(COLUMNS + ", NULL, NULL, NULL")
                        .where("c.id < ?", before)
                        .where("c.pipeline = ?", name(search.pipeline()))
                        .where(
                                "concat(c.table_schema, '.', c.table_name) = ?",
                                name(search.table()))
                        .where("c.kind = ?", search.kind())
                        .where("c.resolution = ?", search.resolution())
                        .where("c.at >= ?", moment(search.since()))
                        .where("c.at < ?", moment(search.until()))
                        .and(search.open() ? " AND" + OPEN : "")
                        .and(" ORDER BY c.id DESC LIMIT " + atMost);
        return read(connection, query);
    }

    Optional<RecordedConflict> find(Connection connection, long id) throws SQLException {
        String rows = ", c.incoming_row, c.standing_row, c.result_row";
        Query query = new Query(COLUMNS + rows).where("c.id = ?", id);
        return read(connection, query).stream().findFirst();
    }

    /** Waits for whoever resolves the same one. */
    void lock(Connection connection, long id) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "SELECT id FROM sluice.conflict WHERE id = ? FOR UPDATE")) {
            statement.setLong(1, id);
            statement.executeQuery();
        }
    }

    void note(Connection connection, long id, String choice, String by) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "INSERT INTO sluice.conflict_resolution (conflict_id, choice, resolved_by)"
                                + " VALUES (?, ?, ?)")) {
            statement.setLong(1, id);
            statement.setString(2, choice);
            statement.setString(3, by);
            statement.executeUpdate();
        }
    }

    long open(Connection connection) throws SQLException {
        return number(connection, new Query("SELECT count(*)").and(" AND" + OPEN));
    }

    /**
     * Those that may go are looked at in the order of their numbers, which is about that of time.
     */
    int forget(Connection connection, Instant before, long kept, int batch) throws SQLException {
        long excess = excess(connection, kept);
        List<Long> gone = new ArrayList<>();
        Query oldest =
                new Query("SELECT c.id, c.at")
                        .and(" AND NOT (" + OPEN + ") ORDER BY c.id LIMIT " + batch);
        try (PreparedStatement statement = oldest.on(connection)) {
            ResultSet row = statement.executeQuery();
            while (row.next()) {
                if (gone.size() < excess || forms.moment(row, 2).isBefore(before)) {
                    gone.add(row.getLong(1));
                }
            }
        }
        if (!gone.isEmpty()) {
            String ids = gone.stream().map(String::valueOf).collect(Collectors.joining(", "));
            run(connection, "DELETE FROM sluice.conflict_resolution WHERE conflict_id IN", ids);
            run(connection, "DELETE FROM sluice.conflict WHERE id IN", ids);
        }
        return gone.size();
    }

    /** Rows are counted only where there may be too many. */
    private long excess(Connection connection, long kept) throws SQLException {
        long span = number(connection, new Query("SELECT coalesce(max(c.id) - min(c.id) + 1, 0)"));
        return span <= kept ? 0 : number(connection, new Query("SELECT count(*)")) - kept;
    }

    private static void run(Connection connection, String statement, String ids)
            throws SQLException {
        try (PreparedStatement prepared =
                connection.prepareStatement("%s (%s)".formatted(statement, ids))) {
            prepared.executeUpdate();
        }
    }

    private static long number(Connection connection, Query query) throws SQLException {
        try (PreparedStatement statement = query.on(connection)) {
            ResultSet row = statement.executeQuery();
            row.next();
            return row.getLong(1);
        }
    }

    private List<RecordedConflict> read(Connection connection, Query query) throws SQLException {
        try (PreparedStatement statement = query.on(connection)) {
            ResultSet row = statement.executeQuery();
            List<RecordedConflict> found = new ArrayList<>();
            while (row.next()) {
                found.add(conflict(row));
            }
            return found;
        }
    }

    private RecordedConflict conflict(ResultSet row) throws SQLException {
        ConflictRecord conflict =
                new ConflictRecord(
                        row.getLong(1),
                        new RowName(
                                new TableId(forms.name(row, 3), forms.name(row, 4)),
                                row.getString(5)),
                        row.getString(6),
                        row.getString(7),
                        row.getString(8),
                        row.getString(9),
                        row.getString(17),
                        row.getString(10),
                        row.getString(11),
                        row.getString(12),
                        row.getString(18),
                        row.getString(19),
                        row.getString(20),
                        forms.moment(row, 13));
        RecordedConflict.Resolved resolved =
                row.getString(16) == null
                        ? null
                        : new RecordedConflict.Resolved(
                                forms.moment(row, 14), row.getString(15), row.getString(16));
        return new RecordedConflict(forms.name(row, 2), conflict, resolved);
    }

    private @Nullable Object name(@Nullable String name) {
        return name == null ? null : forms.name(name);
    }

    private @Nullable Object moment(@Nullable Instant moment) {
        return moment == null ? null : forms.moment(moment);
    }
}
