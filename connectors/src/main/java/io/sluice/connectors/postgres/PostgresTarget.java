package io.sluice.connectors.postgres;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.Build;
import io.sluice.connectors.spi.BuildRecord;
import io.sluice.connectors.spi.BuildSession;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.ColumnStep;
import io.sluice.connectors.spi.ConflictStore;
import io.sluice.connectors.spi.CopyFormat;
import io.sluice.connectors.spi.DatabaseAddress;
import io.sluice.connectors.spi.DeadLetters;
import io.sluice.connectors.spi.Engine;
import io.sluice.connectors.spi.EventStore;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.Holder;
import io.sluice.connectors.spi.ObjectiveStore;
import io.sluice.connectors.spi.SchemaHistory;
import io.sluice.connectors.spi.SecondaryObject;
import io.sluice.connectors.spi.SecondaryObject.Kind;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TableLoads;
import io.sluice.connectors.spi.TableReader;
import io.sluice.connectors.spi.TargetDatabase;
import io.sluice.connectors.spi.TargetSession;
import io.sluice.connectors.spi.TypeDefinition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** A PostgreSQL database that is written to. Each call has a connection of its own. */
final class PostgresTarget implements TargetDatabase {

    private static final String APPLICATION = "sluice";

    private final PostgresConnections connections;
    private final Marking marking;

    PostgresTarget(DatabaseAddress address) {
        this(address, Marking.none());
    }

    private PostgresTarget(DatabaseAddress address, Marking marking) {
        connections = new PostgresConnections(address);
        this.marking = marking;
    }

    /** A database that is one of several sites. */
    static PostgresTarget ofSite(DatabaseAddress address) {
        return new PostgresTarget(address, Marking.ofSite());
    }

    @Override
    public Engine engine() {
        return Engine.POSTGRESQL;
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
        List<Finding> findings = new ArrayList<>();
        List<TableDefinition> own =
                wanted.stream().map(table -> TableTranslation.of(table, findings)).toList();
        Set<TableId> acrossSites =
                wanted.stream()
                        .filter(table -> marking.isOfSite() && table.engine() != engine())
                        .map(TableDefinition::table)
                        .collect(Collectors.toSet());
        findings.addAll(new TargetCheck(connections, acrossSites).findings(own));
        if (marking.isOfSite()) {
            findings.addAll(SiteFacts.rights(connections));
        }
        return findings;
    }

    @Override
    public List<TableId> create(List<TableDefinition> wanted, List<TypeDefinition> types) {
        List<TableDefinition> own =
                wanted.stream()
                        .map(table -> TableTranslation.of(table, new ArrayList<>()))
                        .toList();
        return new TableCreation(connections, APPLICATION).create(own, types, marking.isOfSite());
    }

    @Override
    public List<Build> builds(
            List<SecondaryObject> objects, List<TableDefinition> wanted, List<Finding> findings) {
        boolean foreignKeys = objects.stream().anyMatch(o -> o.kind() == Kind.FOREIGN_KEY);
        return new SecondaryDdl(
                        wanted.stream().map(this::own).toList(),
                        foreignKeys && mayAssumeReplicaRole(),
                        findings)
                .builds(objects);
    }

    private boolean mayAssumeReplicaRole() {
        return connections.with(APPLICATION, "asking for privileges", ReplicaRole::assume);
    }

    @Override
    public BuildRecord buildRecord(String pipeline) {
        return new PostgresBuildRecord(connections, pipeline);
    }

    @Override
    public BuildSession buildSession(String pipeline) {
        return new PostgresBuildSession(connections, pipeline);
    }

    @Override
    public TableDefinition own(TableDefinition wanted) {
        return TableTranslation.of(wanted, new ArrayList<>());
    }

    @Override
    public boolean holdsTheSame(ColumnDefinition one, ColumnDefinition other) {
        return TypeFit.fits(one.nativeType(), other.nativeType())
                && TypeFit.fits(other.nativeType(), one.nativeType());
    }

    @Override
    public String statement(TableId table, ColumnStep step) {
        return PostgresDdl.alterTable(table, step);
    }

    @Override
    public void addColumns(TableId table, List<ColumnDefinition> columns) {
        new TableCreation(connections, APPLICATION).addColumns(table, columns);
    }

    @Override
    public Set<TableId> withOtherUniqueness(Collection<TableId> tables) {
        return connections.with(
                APPLICATION,
                "looking at the indexes",
                connection -> OtherUniqueness.among(connection, tables));
    }

    @Override
    public CopyFormat copyFormat(
            TableDefinition source, TableDefinition wanted, TableDefinition standing) {
        return source.engine() == Engine.POSTGRESQL && BinaryCopy.suits(wanted, standing)
                ? CopyFormat.POSTGRES_BINARY
                : CopyFormat.TEXT;
    }

    @Override
    public SchemaHistory schemaHistory(String pipeline) {
        return new PostgresSchemaHistory(connections, pipeline);
    }

    @Override
    public DeadLetters deadLetters(String pipeline) {
        return new PostgresDeadLetters(connections, pipeline);
    }

    @Override
    public ConflictStore conflicts(List<String> pipelines) {
        return PostgresConflicts.of(connections, pipelines);
    }

    @Override
    public EventStore events(String pipeline) {
        return new PostgresEventStore(connections, pipeline);
    }

    @Override
    public ObjectiveStore objective(String pipeline) {
        return new PostgresObjectiveStore(connections, pipeline);
    }

    @Override
    public Optional<Checkpoint> checkpoint(String pipeline) {
        return connections.with(
                LogNames.session(pipeline),
                "reading the checkpoint of " + pipeline,
                connection -> CheckpointStore.read(connection, pipeline));
    }

    @Override
    public Checkpoint claim(String pipeline, Holder holder) {
        return CheckpointStore.claim(connections, pipeline, holder);
    }

    @Override
    public Checkpoint renew(Checkpoint held, Holder holder) {
        return CheckpointStore.renew(connections, held, holder);
    }

    @Override
    public TargetSession session(Checkpoint claim, Duration statementTimeout) {
        return new PostgresSession(connections, claim, statementTimeout, marking);
    }

    @Override
    public TableLoads loads(Checkpoint claim) {
        return new PostgresLoads(connections, claim);
    }

    @Override
    public TableReader tableReader(String pipeline) {
        return new PostgresTableReader(connections, LogNames.session(pipeline));
    }

    @Override
    public void close() {
        connections.close();
    }
}
