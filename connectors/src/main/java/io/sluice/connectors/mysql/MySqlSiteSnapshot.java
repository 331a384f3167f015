package io.sluice.connectors.mysql;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.TableId;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.SiteSession.ReadingPoint;
import io.sluice.connectors.spi.SiteSession.RowName;
import io.sluice.connectors.spi.SiteSession.StoredVersion;
import io.sluice.connectors.spi.SiteSnapshot;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Over a connection of the snapshot that is for this alone, and is closed along with it.
 *
 * <p>The lock under which the snapshot's connections begin is on the tables that are copied, not on
 * the gateway's own. So a transaction that touches these alone may come between this view and those
 * of the rows, or the place in the log. It is one that applied no row, for whoever applies one has
 * its table: a checkpoint was moved over what holds nothing, or versions were forgotten. What is
 * told here is of one moment all the same, since one connection tells it.
 */
final class MySqlSiteSnapshot implements SiteSnapshot {

    static final String READING_POINT =
            "SELECT position, clock, seen FROM sluice.reading_point WHERE pipeline = ?";

    static final String FORGOTTEN = "SELECT forgotten FROM sluice.site_memory WHERE pipeline = ?";

    /** But for the row that is the lock of those who apply. */
    private static final String VERSIONS =
            """
            SELECT table_schema, table_name, key_hash, row_key, version, decided
            FROM sluice.row_version WHERE pipeline = ? AND key_hash <> ''
            """;

    private final String place;
    private final Connection connection;

    MySqlSiteSnapshot(String place, Connection connection) {
        this.place = place;
        this.connection = connection;
    }

    @Override
    public Optional<Checkpoint> checkpoint(String pipeline) {
        try {
            return CheckpointStore.read(connection, pipeline);
        } catch (SQLException e) {
            throw MySqlErrors.failure(place + ": reading the checkpoint of " + pipeline, e);
        }
    }

    @Override
    public Optional<ReadingPoint> readingPoint(String pipeline) {
        try (PreparedStatement statement = connection.prepareStatement(READING_POINT)) {
            statement.setBytes(1, bytes(pipeline));
            return readingPoint(statement.executeQuery());
        } catch (SQLException e) {
            throw MySqlErrors.failure(place + ": reading from where to read " + pipeline, e);
        }
    }

    @Override
    public String forgotten(String name) {
        try (PreparedStatement statement = connection.prepareStatement(FORGOTTEN)) {
            statement.setBytes(1, bytes(name));
            return forgotten(statement.executeQuery());
        } catch (SQLException e) {
            throw MySqlErrors.failure(place + ": reading what was forgotten", e);
        }
    }

    @Override
    public void versions(String name, int most, Consumer<List<StoredVersion>> batches) {
        try {
            PreparedStatement statement =
                    connection.prepareStatement(
                            VERSIONS, ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY);
            // To the driver this means: one row at a time, as the server sends them.
            statement.setFetchSize(Integer.MIN_VALUE);
            statement.setBytes(1, bytes(name));
            ResultSet rows = statement.executeQuery();
            hand(rows, most, batches);
            // Not closed where it failed: that would read what is left of the table.
            rows.close();
            statement.close();
        } catch (SQLException e) {
            throw MySqlErrors.failure(place + ": reading the versions of rows", e);
        }
    }

    private static void hand(ResultSet row, int most, Consumer<List<StoredVersion>> batches)
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

    /** Of the columns that {@link #VERSIONS} names, in their order. */
    static StoredVersion version(ResultSet row) throws SQLException {
        TableId table = new TableId(text(row.getBytes(1)), text(row.getBytes(2)));
        return new StoredVersion(
                new RowName(table, row.getString(3)),
                row.getString(4),
                row.getString(5),
                HybridTimestamp.parse(row.getString(6)));
    }

    static Optional<ReadingPoint> readingPoint(ResultSet row) throws SQLException {
        return row.next()
                ? Optional.of(
                        new ReadingPoint(
                                Objects.requireNonNull(CheckpointStore.position(row.getString(1))),
                                HybridTimestamp.parse(row.getString(2)),
                                row.getString(3)))
                : Optional.empty();
    }

    static String forgotten(ResultSet row) throws SQLException {
        return row.next() ? row.getString(1) : "";
    }

    private static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] name) {
        return new String(name, StandardCharsets.UTF_8);
    }
}
