package io.sluice.connectors.mysql;

import io.sluice.change.Row;
import io.sluice.change.SourcePosition;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.debezium.MySqlCaptureSettings;
import io.sluice.connectors.debezium.MySqlChangeSource;
import io.sluice.connectors.spi.AlteredStates;
import io.sluice.connectors.spi.ChangeSource;
import io.sluice.connectors.spi.DatabaseAddress;
import io.sluice.connectors.spi.Engine;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.Finding.Severity;
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
import org.jspecify.annotations.Nullable;

/**
 * A MySQL server that is read from: all its databases, for its log is one for all of them. Each
 * call has a connection of its own. Nothing is made or written there.
 */
final class MySqlSource implements SourceDatabase {

    private static final String APPLICATION = "sluice";

    private final MySqlConnections connections;

    private final @Nullable SiteReading site;

    MySqlSource(DatabaseAddress address) {
        this(address, null);
    }

    /**
     * @param site how the log is read where the server is one of several sites; else null
     */
    MySqlSource(DatabaseAddress address, @Nullable SiteReading site) {
        connections = new MySqlConnections(address);
        this.site = site;
    }

    @Override
    public Engine engine() {
        return Engine.MYSQL;
    }

    /**
     * The server's own identifier, which it makes up when it is first started. With GTIDs another
     * one is no obstacle: a replica that took over has the same history.
     */
    @Override
    public String identity() {
        return connections.with(APPLICATION, "asking who answers", MySqlSource::identity);
    }

    static String identity(Connection connection) throws SQLException {
        return "mysql:" + BinaryLog.serverUuid(connection);
    }

    @Override
    public List<TableDefinition> tables() {
        return connections.with(APPLICATION, "reading the catalog", MySqlCatalog::tables);
    }

    /** None: MySQL's types are all its own, or part of a column. */
    @Override
    public List<TypeDefinition> types(List<TableDefinition> tables) {
        return List.of();
    }

    @Override
    public List<SecondaryObject> secondaryObjects(List<TableId> tables) {
        return connections.with(
                APPLICATION,
                "reading the catalog's indexes and foreign keys",
                connection -> SecondaryCatalog.read(connection, tables));
    }

    @Override
    public List<RowNumbers> rowNumbers(List<TableDefinition> tables) {
        return connections.with(
                APPLICATION,
                "reading how rows are numbered",
                connection -> CounterCatalog.read(connection, tables));
    }

    @Override
    public Optional<ReplicaLag> replicaLag() {
        return connections.with(APPLICATION, "asking for its lag", ReplicaLags::furthest);
    }

    @Override
    public List<Finding> check(List<TableDefinition> tables) {
        List<Finding> findings =
                new ArrayList<>(new MySqlSourceCheck(connections).findings(tables));
        if (site != null && findings.stream().noneMatch(f -> f.severity() == Severity.BLOCKS)) {
            findings.addAll(SiteFacts.findings(connections, site));
        }
        return findings;
    }

    @Override
    public List<Finding> checkCursors(List<TableDefinition> tables, Map<TableId, String> cursors) {
        return new MySqlCursorCheck(connections).findings(tables, cursors);
    }

    /** What its moment needs is needed here too: its place in the log. */
    @Override
    public List<Finding> checkReading(List<TableDefinition> tables) {
        List<Finding> findings = new ArrayList<>();
        connections.run(
                "sluice check",
                "checking the source",
                connection ->
                        new SourceRights(connections, connection, findings).checkReading(tables));
        return findings;
    }

    @Override
    public SnapshotReader present(String pipeline, List<TableDefinition> tables, int readers) {
        return moment(pipeline, tables, readers).snapshot();
    }

    /** Never: the server keeps its log by its own rule, for nobody in particular. */
    @Override
    public boolean hasLog(String pipeline) {
        return false;
    }

    @Override
    public SnapshotReader startLog(
            String pipeline, List<TableDefinition> tables, SchemaHistory history, int readers) {
        SnapshotMoment.Moment moment = moment(pipeline, tables, readers);
        try {
            history.replace(moment.schemaRecords());
            return moment.snapshot();
        } catch (RuntimeException e) {
            moment.snapshot().close();
            throw e;
        }
    }

    @Override
    public SnapshotReader snapshot(String pipeline, List<TableDefinition> tables, int readers) {
        return moment(pipeline, tables, readers).snapshot();
    }

    private SnapshotMoment.Moment moment(
            String pipeline, List<TableDefinition> tables, int readers) {
        return new SnapshotMoment(
                        connections,
                        SessionNames.session(pipeline),
                        tables,
                        readers,
                        site != null,
                        SnapshotMoment.Patience.DEFAULT)
                .find();
    }

    @Override
    public Found find(TableSchema schema, Row key) {
        return connections.with(
                APPLICATION,
                "looking up a row of " + schema.table(),
                connection -> RowLookup.find(connections.name(), connection, schema, key));
    }

    @Override
    public String resumeLog(
            String pipeline, List<TableDefinition> tables, SourcePosition from, String identity) {
        String answering =
                new MySqlLog(connections, pipeline, SessionNames.session(pipeline))
                        .resume(MySqlLog.position(connections, from), identity);
        if (site != null) {
            SiteFacts.requireKnown(connections, site, identity, answering);
        }
        return answering;
    }

    /** Nothing was made, so nothing is removed. */
    @Override
    public void dropLog(String pipeline) {}

    @Override
    public ChangeSource changes(
            String pipeline, List<TableId> tables, SourcePosition from, SchemaHistory history) {
        MySqlCaptureSettings settings =
                MySqlCapture.settings(connections, pipeline, tables, history);
        return new MySqlChangeSource(
                site == null ? settings : settings.with(SiteFacts.capture(connections, site)),
                MySqlLog.position(connections, from));
    }

    @Override
    public void speak() {
        if (site != null) {
            SiteFacts.speak(connections);
        }
    }

    @Override
    public Optional<AlteredStates> alterations() {
        return Optional.of(new MySqlAlteredStates());
    }

    @Override
    public SourceProbe probe(String pipeline) {
        return new MySqlProbe(
                connections,
                SessionNames.session(pipeline),
                site == null ? null : site.appliers().iterator().next());
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
