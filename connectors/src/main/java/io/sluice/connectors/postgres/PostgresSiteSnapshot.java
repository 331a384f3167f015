package io.sluice.connectors.postgres;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.TableId;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.SiteSession.ReadingPoint;
import io.sluice.connectors.spi.SiteSession.RowName;
import io.sluice.connectors.spi.SiteSession.StoredVersion;
import io.sluice.connectors.spi.SiteSnapshot;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/** Over a connection in a transaction of the snapshot, which is closed along with that. */
final class PostgresSiteSnapshot implements SiteSnapshot {

    private static final String VERSIONS =
            """
            SELECT table_schema, table_name, key_hash, row_key, version, decided
            FROM sluice.row_version WHERE pipeline = ?
            """;

    private final String place;
    private final Connection connection;

    PostgresSiteSnapshot(String place, Connection connection) {
        this.place = place;
        this.connection = connection;
    }

    @Override
    public Optional<Checkpoint> checkpoint(String pipeline) {
        try {
            return CheckpointStore.read(connection, pipeline);
        } catch (SQLException e) {
            throw PostgresErrors.failure(place + ": reading the checkpoint of " + pipeline, e);
        }
    }

    @Override
    public Optional<ReadingPoint> readingPoint(String pipeline) {
        try {
            return readingPoint(connection, pipeline);
        } catch (SQLException e) {
            throw PostgresErrors.failure(place + ": reading from where to read " + pipeline, e);
        }
    }

    @Override
    public String forgotten(String name) {
        try {
            return forgotten(connection, name);
        } catch (SQLException e) {
            throw PostgresErrors.failure(place + ": reading what was forgotten", e);
        }
    }

    @Override
    public void versions(String name, int most, Consumer<List<StoredVersion>> batches) {
        try (PreparedStatement statement = connection.prepareStatement(VERSIONS)) {
            statement.setFetchSize(most);
            statement.setString(1, name);
            List<StoredVersion> batch = new ArrayList<>();
            ResultSet row = statement.executeQuery();
            while (row.next()) {
                TableId table = new TableId(row.getString(1), row.getString(2));
                batch.add(
                        new StoredVersion(
                                new RowName(table, row.getString(3)),
                                row.getString(4),
                                row.getString(5),
                                HybridTimestamp.parse(row.getString(6))));
                if (batch.size() == most) {
                    batches.accept(batch);
                    batch = new ArrayList<>();
                }
            }
            if (!batch.isEmpty()) {
                batches.accept(batch);
            }
        } catch (SQLException e) {
            throw PostgresErrors.failure(place + ": reading the versions of rows", e);
        }
    }

    static Optional<ReadingPoint> readingPoint(Connection connection, String pipeline)
            throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "SELECT position, clock, seen FROM sluice.reading_point WHERE pipeline = ?")) {
            statement.setString(1, pipeline);
            ResultSet row = statement.executeQuery();
            return row.next()
                    ? Optional.of(
                            new ReadingPoint(
                                    Objects.requireNonNull(
                                            CheckpointStore.position(row.getString(1))),
                                    HybridTimestamp.parse(row.getString(2)),
                                    row.getString(3)))
                    : Optional.empty();
        }
    }

    static String forgotten(Connection connection, String name) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "SELECT forgotten FROM sluice.site_memory WHERE pipeline = ?")) {
            statement.setString(1, name);
            ResultSet row = statement.executeQuery();
            return row.next() ? row.getString(1) : "";
        }
    }
}
