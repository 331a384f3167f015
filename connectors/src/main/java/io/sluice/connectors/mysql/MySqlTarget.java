package io.sluice.connectors.mysql;

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

/** A MySQL server that is written to. Each call has a connection of its own. */
final class MySqlTarget implements TargetDatabase {

    private static final String APPLICATION = "sluice";

    private final MySqlConnections connections;
    private final Marking marking;

    MySqlTarget(DatabaseAddress address) {
        this(address, Marking.none());
    }

    private MySqlTarget(DatabaseAddress address, Marking marking) {
        connections = new MySqlConnections(address);
        this.marking = marking;
    }

    /** A server that is one of several sites. */
    static MySqlTarget ofSite(DatabaseAddress address) {
        return new MySqlTarget(address, Marking.ofSite());
    }

    @Override
    public Engine engine() {
        return Engine.MYSQL;
    }

    @Override
    public void prepare() {
        SluiceSchema.prepare(connections, APPLICATION);
    }

    @Override
    public List<TableDefinition> tables(Collection<TableId> names) {
        return connections.with(
                APPLICATION,
                "reading the catalog",
                connection -> MySqlCatalog.tables(connection, names));
    }

    @Override
    public List<Finding> check(List<TableDefinition> wanted) {
        Set<TableId> acrossSites =
                wanted.stream()
                        .filter(table -> marking.isOfSite() && table.engine() != engine())
                        .map(TableDefinition::table)
                        .collect(Collectors.toSet());
        return new TargetCheck(connections, acrossSites).findings(wanted);
    }

    /** MySQL's types come with their tables: there are none to create. */
    @Override
    public List<TableId> create(List<TableDefinition> wanted, List<TypeDefinition> types) {
        return new TableCreation(connections, APPLICATION).create(wanted);
    }

    @Override
    public List<Build> builds(
            List<SecondaryObject> objects, List<TableDefinition> wanted, List<Finding> findings) {
        return connections.with(
                APPLICATION,
                "asking for the server's version",
                connection -> {
                    ServerFacts facts = ServerFacts.read(connection);
                    return new SecondaryDdl(
                                    wanted.stream()
                                            .map(
                                                    table ->
                                                            TableTranslation.of(
                                                                    table,
                                                                    facts,
                                                                    new ArrayList<>()))
                                            .toList(),
                                    findings)
                            .builds(objects);
                });
    }

    @Override
    public BuildRecord buildRecord(String pipeline) {
        return new MySqlBuildRecord(connections, pipeline);
    }

    @Override
    public BuildSession buildSession(String pipeline) {
        return new MySqlBuildSession(connections, pipeline);
    }

    @Override
    public TableDefinition own(TableDefinition wanted) {
        return connections.with(
                APPLICATION,
                "asking for the server's version",
                connection ->
                        TableTranslation.of(
                                wanted, ServerFacts.read(connection), new ArrayList<>()));
    }

    @Override
    public boolean holdsTheSame(ColumnDefinition one, ColumnDefinition other) {
        return TypeFit.fits(one, other) && TypeFit.fits(other, one);
    }

    @Override
    public String statement(TableId table, ColumnStep step) {
        return MySqlDdl.alterTable(table, step);
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
        return CopyFormat.TEXT;
    }

    @Override
    public SchemaHistory schemaHistory(String pipeline) {
        return new MySqlSchemaHistory(connections, pipeline);
    }

    @Override
    public DeadLetters deadLetters(String pipeline) {
        return new MySqlDeadLetters(connections, pipeline);
    }

    @Override
    public ConflictStore conflicts(List<String> pipelines) {
        return MySqlConflicts.of(connections, pipelines);
    }

    @Override
    public EventStore events(String pipeline) {
        return new MySqlEventStore(connections, pipeline);
    }

    @Override
    public ObjectiveStore objective(String pipeline) {
        return new MySqlObjectiveStore(connections, pipeline);
    }

    @Override
    public Optional<Checkpoint> checkpoint(String pipeline) {
        return connections.with(
                SessionNames.session(pipeline),
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
        return new MySqlSession(connections, claim, statementTimeout, marking);
    }

    @Override
    public TableLoads loads(Checkpoint claim) {
        return new MySqlLoads(connections, claim);
    }

    @Override
    public TableReader tableReader(String pipeline) {
        return new MySqlTableReader(connections, SessionNames.session(pipeline));
    }

    @Override
    public void close() {
        connections.close();
    }
}
