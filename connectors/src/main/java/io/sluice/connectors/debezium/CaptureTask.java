package io.sluice.connectors.debezium;

import io.debezium.config.Configuration;
import io.debezium.connector.postgresql.PostgresConnectorConfig;
import io.debezium.connector.postgresql.PostgresConnectorTask;
import io.debezium.connector.postgresql.PostgresOffsetContext;
import io.debezium.connector.postgresql.PostgresPartition;
import io.debezium.connector.postgresql.PostgresSchema;
import io.debezium.connector.postgresql.connection.PostgresConnection;
import io.debezium.connector.postgresql.connection.ReplicationConnection;
import io.debezium.pipeline.ChangeEventSourceCoordinator;
import io.sluice.change.Lsn;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * Debezium's task for PostgreSQL with this package's way of reading the log, see the package
 * description. Instantiated by name; used by the engine's threads as Debezium does.
 */
public final class CaptureTask extends PostgresConnectorTask {

    /** How often the server is told that this side lives, beyond what is acknowledged. */
    private static final Duration STATUS_INTERVAL = Duration.ofSeconds(1);

    private @Nullable CaptureSession session;
    private @Nullable Lsn told;

    @Override
    public ChangeEventSourceCoordinator<PostgresPartition, PostgresOffsetContext> start(
            Configuration config) {
        session = EngineSession.of(config.getString(EngineSession.KEY), CaptureSession.class);
        told = session.from;
        try {
            return super.start(config);
        } catch (RetriableException e) {
            // Debezium would take it as leave to try again by itself, for ever and unseen.
            throw new ConnectException(e.getMessage(), e);
        }
    }

    @Override
    protected ReplicationConnection buildReplicationConnection(
            PostgresConnection jdbcConnection,
            PostgresSchema schema,
            PostgresConnectorConfig config)
            throws SQLException {
        CaptureSession session = session();
        ReplicationConnection replication =
                ReplicationConnection.builder(config)
                        .withSlot(config.slotName())
                        .withPublication(config.publicationName())
                        .withTableFilter(config.getTableFilters())
                        .withPublicationAutocreateMode(
                                PostgresConnectorConfig.AutoCreateMode.DISABLED)
                        .withPlugin(config.plugin())
                        .dropSlotOnClose(false)
                        .createFailOverSlot(false)
                        .statusUpdateInterval(STATUS_INTERVAL)
                        .withTypeRegistry(new RawTextTypes(jdbcConnection))
                        .withSchema(schema)
                        .jdbcMetadataConnection(jdbcConnection)
                        .build();
        return new GuardedReplication(replication, jdbcConnection, session);
    }

    /**
     * Asks for the source to be told what was acknowledged since; it is told at the beginning of
     * the next poll, which reads {@link CheckpointOffsets}.
     */
    @Override
    public List<SourceRecord> doPoll() throws InterruptedException {
        Lsn acknowledged = Objects.requireNonNull(session().acknowledged.get());
        if (!acknowledged.equals(told)) {
            commit();
            told = acknowledged;
        }
        return super.doPoll();
    }

    private CaptureSession session() {
        CaptureSession started = session;
        if (started == null) {
            throw new IllegalStateException("the task was not started");
        }
        return started;
    }
}
