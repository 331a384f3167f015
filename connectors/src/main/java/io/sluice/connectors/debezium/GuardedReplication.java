package io.sluice.connectors.debezium;

import io.debezium.connector.postgresql.connection.Lsn;
import io.debezium.connector.postgresql.connection.PostgresConnection;
import io.debezium.connector.postgresql.connection.ReplicationConnection;
import io.debezium.connector.postgresql.connection.ReplicationStream;
import io.debezium.connector.postgresql.connection.WalPositionLocator;
import io.debezium.connector.postgresql.spi.SlotCreationResult;
import io.sluice.connectors.spi.LogGapException;
import java.sql.SQLException;
import java.util.Optional;

/** Debezium's replication connection, which here neither makes slots nor jumps over a gap. */
final class GuardedReplication implements ReplicationConnection {

    private final ReplicationConnection replication;
    private final PostgresConnection catalog;
    private final CaptureSession session;

    GuardedReplication(
            ReplicationConnection replication, PostgresConnection catalog, CaptureSession session) {
        this.replication = replication;
        this.catalog = catalog;
        this.session = session;
    }

    @Override
    public ReplicationStream startStreaming(WalPositionLocator walPosition) {
        throw new IllegalStateException("streaming begins at a checkpoint, never anywhere else");
    }

    @Override
    public ReplicationStream startStreaming(Lsn offset, WalPositionLocator walPosition)
            throws SQLException, InterruptedException {
        ReplicationStream stream = replication.startStreaming(offset, walPosition);
        SlotCheck.reader(catalog.connection(), session.settings, session.from);
        session.streaming.complete(null);
        return new CountedStream(stream, session.commits, session.siteLog());
    }

    /** Debezium calls this when it did not find the slot, or could not look for it. */
    @Override
    public Optional<SlotCreationResult> createReplicationSlot() throws SQLException {
        SlotCheck.reader(catalog.connection(), session.settings, session.from);
        throw new LogGapException(
                "%s: slot %s was not found. Start the pipeline again; if it stays so, copy again"
                        .formatted(session.settings.pipeline(), session.settings.slot()),
                session.from.text(),
                "unknown");
    }

    @Override
    public void initConnection() throws SQLException, InterruptedException {
        replication.initConnection();
    }

    @Override
    public boolean isConnected() throws SQLException {
        return replication.isConnected();
    }

    @Override
    public void reconnect() throws SQLException {
        replication.reconnect();
    }

    @Override
    public void close() throws Exception {
        replication.close();
    }
}
