package io.sluice.gateway.snapshot;

import io.sluice.change.Column;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.Checkpoint.Phase;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.SnapshotReader;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TargetSession;
import io.sluice.connectors.spi.TargetSession.CopyProgress;
import io.sluice.gateway.failpoint.Failpoint;
import io.sluice.gateway.route.Routing;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Fills the target's tables from a snapshot, one after the other. Used by one thread. */
public final class InitialCopy {

    private final TargetSession session;
    private final Routing routing;
    private final CopyMonitor monitor;

    public InitialCopy(TargetSession session, Routing routing, CopyMonitor monitor) {
        this.session = session;
        this.routing = routing;
        this.monitor = monitor;
    }

    /**
     * Makes sure that filling the tables would destroy nothing: a table that holds rows which no
     * earlier copy of this pipeline brought is not touched.
     *
     * @throws ConnectorException FATAL, naming the tables
     */
    public void requireEmptyOrOwn(List<TableDefinition> tables) {
        Set<TableId> own = ownTables();
        List<String> foreign =
                targets(tables).stream()
                        .filter(table -> !own.contains(table))
                        .filter(session::hasRows)
                        .map(TableId::toString)
                        .toList();
        session.rollback();
        if (!foreign.isEmpty()) {
            throw new ConnectorException(
                    ErrorClass.FATAL,
                    "The copy would begin, but on the target these tables hold rows already: %s."
                                    .formatted(String.join(", ", foreign))
                            + " Empty them, exclude them, or use mode log-based if they are in step"
                            + " with the source.");
        }
    }

    /**
     * Copies all tables and leaves the checkpoint at {@code STREAMING} from the snapshot's
     * position.
     *
     * @param tables of the source
     * @param checkpoint the claimed one, which knows the source's identity
     */
    public Checkpoint run(
            SnapshotReader snapshot, List<TableDefinition> tables, Checkpoint checkpoint) {
        Checkpoint copying = begin(snapshot, tables, checkpoint);
        for (TableDefinition table : tables) {
            copy(snapshot, table, copying);
        }
        Failpoint.COPY_WRITTEN.reached();
        Checkpoint streaming = copying.in(Phase.STREAMING);
        session.commit(streaming);
        return streaming;
    }

    private Checkpoint begin(
            SnapshotReader snapshot, List<TableDefinition> tables, Checkpoint checkpoint) {
        Set<TableId> own = ownTables();
        List<TableId> targets = targets(tables);
        List<TableId> leftOver = targets.stream().filter(own::contains).toList();
        if (!leftOver.isEmpty()) {
            session.empty(leftOver);
        }
        targets.forEach(table -> session.saveCopyProgress(new CopyProgress(table, false, 0)));
        Checkpoint copying = checkpoint.at(snapshot.position(), null).in(Phase.COPYING);
        session.commit(copying);
        Failpoint.COPY_BEGUN.reached();
        monitor.begun(tables);
        return copying;
    }

    private void copy(SnapshotReader snapshot, TableDefinition table, Checkpoint copying) {
        TableId target = routing.renames().apply(table.table());
        TableSchema schema = routing.target(table).schema();
        List<String> columns = schema.columns().stream().map(Column::name).toList();
        try (TargetSession.CopyWriter writer = session.copyInto(schema)) {
            long[] read = {0};
            snapshot.read(
                    table,
                    columns,
                    line -> {
                        writer.line(line);
                        read[0]++;
                        monitor.line(line.length);
                    });
            long written = writer.finish();
            if (written != read[0]) {
                throw new ConnectorException(
                        ErrorClass.FATAL,
                        "The copy of %s read %d rows and the target took %d."
                                .formatted(table.table(), read[0], written));
            }
            session.saveCopyProgress(new CopyProgress(target, true, written));
        }
        session.commit(copying);
        monitor.tableDone();
        Failpoint.TABLE_COPIED.reached();
    }

    private Set<TableId> ownTables() {
        return session.copyProgress().stream().map(CopyProgress::table).collect(Collectors.toSet());
    }

    private List<TableId> targets(List<TableDefinition> tables) {
        return tables.stream().map(t -> routing.renames().apply(t.table())).toList();
    }
}
