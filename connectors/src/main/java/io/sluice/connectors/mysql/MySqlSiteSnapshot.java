package io.sluice.connectors.mysql;

import io.sluice.connectors.jdbc.SiteTables;
import io.sluice.connectors.jdbc.Steps;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.SiteSession.ReadingPoint;
import io.sluice.connectors.spi.SiteSession.StoredVersion;
import io.sluice.connectors.spi.SiteSnapshot;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.List;
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

    /** But for the row that is the lock of those who apply. */
    private static final String VERSIONS =
            "SELECT %s FROM sluice.row_version v WHERE v.pipeline = ? AND v.key_hash <> ''"
                    .formatted(SiteTables.VERSION);

    private final Connection connection;
    private final Steps steps;
    private final SiteTables tables;

    MySqlSiteSnapshot(String place, Connection connection) {
        this.connection = connection;
        this.steps = MySqlErrors.steps(place);
        this.tables = new SiteTables(connection, steps, new DriverForms());
    }

    @Override
    public Optional<Checkpoint> checkpoint(String pipeline) {
        return steps.run(
                "reading the checkpoint of " + pipeline,
                () -> CheckpointStore.read(connection, pipeline));
    }

    @Override
    public Optional<ReadingPoint> readingPoint(String pipeline) {
        return tables.readingPoint(pipeline);
    }

    @Override
    public String forgotten(String name) {
        return tables.forgotten(name);
    }

    @Override
    public void versions(String name, int most, Consumer<List<StoredVersion>> batches) {
        steps.run(
                "reading the versions of rows of " + name,
                () -> {
                    PreparedStatement statement =
                            connection.prepareStatement(
                                    VERSIONS,
                                    ResultSet.TYPE_FORWARD_ONLY,
                                    ResultSet.CONCUR_READ_ONLY);
                    // To the driver this means: one row at a time, as the server sends them.
                    statement.setFetchSize(Integer.MIN_VALUE);
                    tables.name(statement, 1, name);
                    ResultSet rows = statement.executeQuery();
                    tables.versions(rows, most, batches);
                    // Not closed where it failed: that would read what is left of the table.
                    rows.close();
                    statement.close();
                    return name;
                });
    }
}
