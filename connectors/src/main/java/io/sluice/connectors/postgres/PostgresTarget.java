package io.sluice.connectors.postgres;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.DatabaseAddress;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TargetDatabase;
import io.sluice.connectors.spi.TargetSession;
import io.sluice.connectors.spi.TypeDefinition;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** A PostgreSQL database that is written to. Each call has a connection of its own. */
final class PostgresTarget implements TargetDatabase {

    private static final String APPLICATION = "sluice";

    private final PostgresConnections connections;

    PostgresTarget(DatabaseAddress address) {
        connections = new PostgresConnections(address);
    }

    @Override
    public void prepare() {
        SluiceSchema.prepare(connections, APPLICATION);
    }

    @Override
    public List<TableDefinition> tables(Collection<TableId> names) {
        return connections.inTransaction(
                APPLICATION,
                "reading the catalog",
                connection -> PostgresCatalog.tables(connection, names));
    }

    @Override
    public List<Finding> check(List<TableDefinition> wanted) {
        return new TargetCheck(connections).findings(wanted);
    }

    @Override
    public List<TableId> create(List<TableDefinition> wanted, List<TypeDefinition> types) {
        return new TableCreation(connections, APPLICATION).create(wanted, types);
    }

    @Override
    public Optional<Checkpoint> checkpoint(String pipeline) {
        return connections.with(
                LogNames.session(pipeline),
                "reading the checkpoint of " + pipeline,
                connection -> CheckpointStore.read(connection, pipeline));
    }

    @Override
    public Checkpoint claim(String pipeline, String owner) {
        return CheckpointStore.claim(connections, pipeline, owner);
    }

    @Override
    public Checkpoint renew(Checkpoint held, String owner) {
        return CheckpointStore.renew(connections, held, owner);
    }

    @Override
    public TargetSession session(Checkpoint claim, Duration statementTimeout) {
        return new PostgresSession(connections, claim, statementTimeout);
    }

    @Override
    public void close() {
        connections.close();
    }
}
