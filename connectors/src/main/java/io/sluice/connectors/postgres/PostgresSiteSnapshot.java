package io.sluice.connectors.postgres;

import io.sluice.connectors.jdbc.SiteTables;
import io.sluice.connectors.jdbc.Steps;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.SiteSession.ReadingPoint;
import io.sluice.connectors.spi.SiteSession.StoredVersion;
import io.sluice.connectors.spi.SiteSnapshot;
import java.sql.Connection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Over a connection in a transaction of the snapshot, which is closed along with that. */
final class PostgresSiteSnapshot implements SiteSnapshot {

    private static final String VERSIONS =
            "SELECT %s FROM sluice.row_version v WHERE v.pipeline = ?"
                    .formatted(SiteTables.VERSION);

    private final Connection connection;
    private final Steps steps;
    private final SiteTables tables;

    PostgresSiteSnapshot(String place, Connection connection) {
        this.connection = connection;
        this.steps = PostgresErrors.steps(place);
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
        tables.asked(
                "reading the versions of rows of " + name,
                VERSIONS,
                statement -> {
                    statement.setFetchSize(most);
                    tables.name(statement, 1, name);
                    tables.versions(statement.executeQuery(), most, batches);
                    return name;
                });
    }
}
