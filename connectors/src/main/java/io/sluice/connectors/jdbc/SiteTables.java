package io.sluice.connectors.jdbc;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.SourcePosition;
import io.sluice.change.TableId;
import io.sluice.connectors.spi.SiteSession.Memory;
import io.sluice.connectors.spi.SiteSession.ReadingPoint;
import io.sluice.connectors.spi.SiteSession.RowName;
import io.sluice.connectors.spi.SiteSession.StoredVersion;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What a site keeps beside its rows, over one connection: {@code sluice.reading_point}, {@code
 * sluice.site_memory} and {@code sluice.row_version}. Used by one thread.
 */
public final class SiteTables {

    /** What {@link #version} reads, in its order. */
    public static final String VERSION =
            "v.table_schema, v.table_name, v.key_hash, v.row_key, v.version, v.decided";

    private final Connection connection;
    private final Steps steps;
    private final Forms forms;

    public SiteTables(Connection connection, Steps steps, Forms forms) {
        this.connection = connection;
        this.steps = steps;
        this.forms = forms;
    }

    /** What is done with a statement. */
    @FunctionalInterface
    public interface Asking<T> {
        T ask(PreparedStatement statement) throws SQLException;
    }

    /** One statement, as a step of its own. */
    public <T> T asked(String step, String sql, Asking<T> asking) {
        return steps.run(
                step,
                () -> {
                    try (PreparedStatement statement = connection.prepareStatement(sql)) {
                        return asking.ask(statement);
                    }
                });
    }

    public void name(PreparedStatement statement, int parameter, String name) throws SQLException {
        statement.setObject(parameter, forms.name(name));
    }

    public Optional<ReadingPoint> readingPoint(String pipeline) {
        return asked(
                "reading from where to read " + pipeline,
                "SELECT position, clock, seen FROM sluice.reading_point WHERE pipeline = ?",
                statement -> {
                    name(statement, 1, pipeline);
                    ResultSet row = statement.executeQuery();
                    return row.next()
                            ? Optional.of(
                                    new ReadingPoint(
                                            SourcePosition.parse(row.getString(1)),
                                            HybridTimestamp.parse(row.getString(2)),
                                            row.getString(3)))
                            : Optional.empty();
                });
    }

    /**
     * @param sql with places for pipeline, position, clock and what was seen
     */
    public void save(String sql, String pipeline, ReadingPoint point) {
        asked(
                "saving from where to read " + pipeline,
                sql,
                statement -> {
                    name(statement, 1, pipeline);
                    statement.setString(2, point.position().text());
                    statement.setString(3, point.clock().toString());
                    statement.setString(4, point.seen());
                    return statement.executeUpdate();
                });
    }

    /** Without the moments, which may be long. */
    public String forgotten(String name) {
        return asked(
                "reading what was forgotten of " + name,
                "SELECT forgotten FROM sluice.site_memory WHERE pipeline = ?",
                statement -> {
                    name(statement, 1, name);
                    ResultSet row = statement.executeQuery();
                    return row.next() ? row.getString(1) : "";
                });
    }

    public Memory memory(String name) {
        return asked(
                "reading what is remembered of " + name,
                "SELECT forgotten, moments FROM sluice.site_memory WHERE pipeline = ?",
                statement -> {
                    name(statement, 1, name);
                    ResultSet row = statement.executeQuery();
                    return row.next()
                            ? new Memory(row.getString(1), row.getString(2))
                            : new Memory("", "");
                });
    }

    /**
     * @param sql with places for the name, what was forgotten, and moments
     */
    public void remember(String sql, String name, Memory memory) {
        asked(
                "remembering moments of " + name,
                sql,
                statement -> {
                    name(statement, 1, name);
                    statement.setString(2, memory.forgotten());
                    statement.setString(3, memory.moments());
                    return statement.executeUpdate();
                });
    }

    /** What is of the very microsecond stays until the next one has passed. */
    public void forget(String name, HybridTimestamp decided) {
        asked(
                "forgetting the versions of rows of " + name,
                "DELETE FROM sluice.row_version WHERE pipeline = ? AND decided_micros < ?",
                statement -> {
                    name(statement, 1, name);
                    statement.setLong(2, decided.micros());
                    return statement.executeUpdate();
                });
    }

    public StoredVersion version(ResultSet row) throws SQLException {
        return new StoredVersion(
                new RowName(new TableId(forms.name(row, 1), forms.name(row, 2)), row.getString(3)),
                row.getString(4),
                row.getString(5),
                HybridTimestamp.parse(row.getString(6)));
    }

    /** Hands over the versions of all rows, so many at once at most. */
    public void versions(ResultSet row, int most, Consumer<List<StoredVersion>> batches)
            throws SQLException {
        List<StoredVersion> batch = new ArrayList<>();
        while (row.next()) {
            batch.add(version(row));
            if (batch.size() == most) {
                batches.accept(batch);
                batch = new ArrayList<>();
            }
        }
        if (!batch.isEmpty()) {
            batches.accept(batch);
        }
    }
}
