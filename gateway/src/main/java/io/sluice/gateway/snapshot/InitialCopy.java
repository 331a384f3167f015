package io.sluice.gateway.snapshot;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.Checkpoint.Phase;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.CopyFormat;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.SnapshotReader;
import io.sluice.connectors.spi.SourceDatabase;
import io.sluice.connectors.spi.TableCopy;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TargetDatabase;
import io.sluice.connectors.spi.TargetSession;
import io.sluice.gateway.apply.Parking;
import io.sluice.gateway.apply.UniqueKeys;
import io.sluice.gateway.failpoint.Failpoint;
import io.sluice.gateway.route.Routing;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Fills the target's tables. Used by one thread, which has workers of its own. */
public final class InitialCopy {

    private final SourceDatabase source;
    private final TargetDatabase target;
    private final TargetSession session;
    private final Routing routing;
    private final CopySettings settings;
    private final CopyMonitor monitor;
    private final Parking parking;

    public InitialCopy(
            SourceDatabase source,
            TargetDatabase target,
            TargetSession session,
            Routing routing,
            CopySettings settings,
            CopyMonitor monitor,
            Parking parking) {
        this.source = source;
        this.target = target;
        this.session = session;
        this.routing = routing;
        this.settings = settings;
        this.monitor = monitor;
        this.parking = parking;
    }

    /**
     * Makes sure that filling the tables would destroy nothing: a table that holds rows which no
     * earlier copy of this pipeline brought is not touched.
     *
     * @throws ConnectorException FATAL, naming the tables
     */
    public void requireEmptyOrOwn(List<TableDefinition> tables) {
        Set<TableId> own =
                session.copies().stream().map(TableCopy::table).collect(Collectors.toSet());
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
     * Forgets what earlier copies brought, and marks the copy as begun.
     *
     * @param checkpoint the claimed one, which knows the source's identity
     */
    public Checkpoint begin(
            SnapshotReader snapshot, List<TableDefinition> tables, Checkpoint checkpoint) {
        targets(tables).forEach(table -> session.saveCopy(TableCopy.unplanned(table)));
        Checkpoint copying = checkpoint.at(snapshot.position(), null).in(Phase.COPYING);
        session.commit(copying);
        Failpoint.COPY_BEGUN.reached();
        return copying;
    }

    /** Whether an earlier attempt brought all rows. */
    public boolean isDone(List<TableDefinition> tables, Checkpoint copying) {
        return plan(tables, copying).isDone(tables);
    }

    /**
     * Copies what is not there yet.
     *
     * @param snapshot of the log's first position, or of a later one
     */
    public void run(SnapshotReader snapshot, List<TableDefinition> tables, Checkpoint copying) {
        Map<TableId, TableDefinition> standing =
                target.tables(targets(tables)).stream()
                        .collect(Collectors.toMap(TableDefinition::table, Function.identity()));
        List<CopyPart> parts = new ArrayList<>();
        List<TableDefinition> largestFirst =
                tables.stream()
                        .sorted(
                                Comparator.comparingLong(TableDefinition::estimatedBytes)
                                        .reversed())
                        .toList();
        List<TableCopy> plans = plan(tables, copying).of(largestFirst, snapshot);
        for (int i = 0; i < plans.size(); i++) {
            TableDefinition table = largestFirst.get(i);
            TableCopy copy = plans.get(i);
            parts.addAll(parts(table, copy, Objects.requireNonNull(standing.get(copy.table()))));
        }
        monitor.begun(largestFirst, plans);
        parking.count(session);
        new CopyWorkers(source, target, settings, monitor, copying, parking).copy(snapshot, parts);
    }

    /** Leaves the checkpoint at {@code STREAMING}, where the copy's log begins. */
    public Checkpoint end(Checkpoint copying) {
        Failpoint.COPY_WRITTEN.reached();
        Checkpoint streaming = copying.in(Phase.STREAMING);
        session.commit(streaming);
        return streaming;
    }

    private List<CopyPart> parts(TableDefinition table, TableCopy copy, TableDefinition standing) {
        TableDefinition wanted = routing.target(table);
        CopyFormat format = target.copyFormat(table, wanted, standing);
        CopyPart.Table whole =
                new CopyPart.Table(
                        table,
                        wanted.schema(),
                        format,
                        UniqueKeys.schemas(wanted.schema(), UniqueKeys.of(standing)),
                        copy);
        return copy.chunks().stream()
                .filter(chunk -> !chunk.isDone())
                .map(chunk -> new CopyPart(whole, chunk))
                .toList();
    }

    private CopyPlan plan(List<TableDefinition> tables, Checkpoint copying) {
        return new CopyPlan(
                session,
                routing,
                settings.chunkBytes(),
                copying,
                monitor,
                target.withOtherUniqueness(targets(tables)));
    }

    private List<TableId> targets(List<TableDefinition> tables) {
        return tables.stream().map(t -> routing.renames().apply(t.table())).toList();
    }
}
