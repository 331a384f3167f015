package io.sluice.connectors.postgres;

import io.sluice.change.Lsn;
import io.sluice.change.Row;
import io.sluice.change.SourcePosition;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.debezium.PostgresCaptureSettings;
import io.sluice.connectors.debezium.PostgresChangeSource;
import io.sluice.connectors.spi.AlteredStates;
import io.sluice.connectors.spi.ChangeSource;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.DatabaseAddress;
import io.sluice.connectors.spi.Engine;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.ReplicaLag;
import io.sluice.connectors.spi.RowNumbers;
import io.sluice.connectors.spi.SchemaHistory;
import io.sluice.connectors.spi.SecondaryObject;
import io.sluice.connectors.spi.SiteReading;
import io.sluice.connectors.spi.SnapshotReader;
import io.sluice.connectors.spi.SourceDatabase;
import io.sluice.connectors.spi.SourceProbe;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TableReader;
import io.sluice.connectors.spi.TypeDefinition;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL database that is read from. Each call has a connection of its own, but for {@link
 * #find}, whose callers take turns.
 */
final class PostgresSource implements SourceDatabase {

    private static final String APPLICATION = "sluice";

    private final PostgresConnections connections;

    private final @Nullable SiteReading site;

    private final ReentrantLock lookingUp = new ReentrantLock();
    private @Nullable Connection lookups;

    PostgresSource(DatabaseAddress address) {
        this(address, null);
    }

    /**
     * @param site how the log is read where the database is one of several sites; else null
     */
    PostgresSource(DatabaseAddress address, @Nullable SiteReading site) {
        connections = new PostgresConnections(address);
        this.site = site;
    }

    @Override
    public Engine engine() {
        return Engine.POSTGRESQL;
    }

    @Override
    public String identity() {
        return SourceIdentity.read(connections, APPLICATION);
    }

    @Override
    public List<TableDefinition> tables() {
        return connections.inTransaction(
                APPLICATION, "reading the catalog", PostgresCatalog::tables);
    }

    @Override
    public List<TypeDefinition> types(List<TableDefinition> tables) {
        List<TableId> names = names(tables);
        return connections.inTransaction(
                APPLICATION,
                "reading the catalog's types",
                connection -> PostgresTypes.of(connection, names));
    }

    @Override
    public List<SecondaryObject> secondaryObjects(List<TableId> tables) {
        return connections.inTransaction(
                APPLICATION,
                "reading the catalog's indexes and foreign keys",
                connection -> SecondaryCatalog.read(connection, tables));
    }

    @Override
    public List<RowNumbers> rowNumbers(List<TableDefinition> tables) {
        return connections.with(
                APPLICATION,
                "reading how rows are numbered",
                connection -> SequenceCatalog.read(connection, tables));
    }

    @Override
    public Optional<ReplicaLag> replicaLag() {
        return connections.with(APPLICATION, "asking for standbys", ReplicaLags::furthest);
    }

    @Override
    public List<Finding> check(List<TableDefinition> tables) {
        List<Finding> findings = new ArrayList<>(new SourceCheck(connections).findings(tables));
        if (site != null) {
            findings.addAll(SiteFacts.otherOrigins(connections, site));
        }
        return findings;
    }

    @Override
    public List<Finding> checkCursors(List<TableDefinition> tables, Map<TableId, String> cursors) {
        return new PostgresCursorCheck(connections).findings(tables, cursors);
    }

    @Override
    public List<Finding> checkReading(List<TableDefinition> tables) {
        return new ReadingCheck(connections).findings(tables);
    }

    @Override
    public SnapshotReader present(String pipeline, List<TableDefinition> tables, int readers) {
        return PresentMoment.hold(connections, LogNames.session(pipeline), tables, readers);
    }

    @Override
    public boolean hasLog(String pipeline) {
        return new PostgresLog(connections, pipeline).exists();
    }

    @Override
    public SnapshotReader startLog(
            String pipeline, List<TableDefinition> tables, SchemaHistory history, int readers) {
        return new PostgresLog(connections, pipeline).start(tables, readers);
    }

    @Override
    public SnapshotReader snapshot(String pipeline, List<TableDefinition> tables, int readers) {
        return new PostgresLog(connections, pipeline).snapshot(tables, readers);
    }

    @Override
    public Found find(TableSchema schema, Row key) {
        lookingUp.lock();
        try {
            Connection connection = lookups == null ? connections.open(APPLICATION) : lookups;
            lookups = connection; // kept: there may be many of them
            return RowLookup.find(connection, schema, key);
        } catch (SQLException e) {
            if (lookups != null) {
                connections.release(lookups);
                lookups = null;
            }
            throw PostgresErrors.failure(
                    "%s: looking a row of %s up".formatted(connections.name(), schema.table()), e);
        } finally {
            lookingUp.unlock();
        }
    }

    @Override
    public String resumeLog(
            String pipeline, List<TableDefinition> tables, SourcePosition from, String identity) {
        new PostgresLog(connections, pipeline).resume(tables, lsn(from), identity);
        return identity;
    }

    @Override
    public void dropLog(String pipeline) {
        new PostgresLog(connections, pipeline).drop();
    }

    @Override
    public ChangeSource changes(
            String pipeline, List<TableId> tables, SourcePosition from, SchemaHistory history) {
        PostgresCaptureSettings settings = CaptureSettings.of(connections, pipeline);
        return new PostgresChangeSource(
                site == null ? settings : settings.with(SiteFacts.capture(connections, site)),
                lsn(from));
    }

    /** None: the log describes a table anew before the next row of it, and says nothing of why. */
    @Override
    public Optional<AlteredStates> alterations() {
        return Optional.empty();
    }

    @Override
    public SourceProbe probe(String pipeline) {
        return new PostgresProbe(connections, pipeline);
    }

    @Override
    public TableReader tableReader(String pipeline) {
        return new PostgresTableReader(connections, LogNames.session(pipeline));
    }

    @Override
    public void close() {
        connections.close();
    }

    private Lsn lsn(SourcePosition position) {
        if (position instanceof Lsn lsn) {
            return lsn;
        }
        throw new ConnectorException(
                ErrorClass.FATAL,
                "%s: the checkpoint %s is not a position in a PostgreSQL log"
                        .formatted(connections.name(), position.text()));
    }

    private static List<TableId> names(List<TableDefinition> tables) {
        return tables.stream().map(TableDefinition::table).toList();
    }
}
