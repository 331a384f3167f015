package io.sluice.gateway.snapshot;

import io.sluice.change.Column;
import io.sluice.change.TableId;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.SnapshotReader;
import io.sluice.connectors.spi.SnapshotReader.Cut;
import io.sluice.connectors.spi.TableCopy;
import io.sluice.connectors.spi.TableCopy.Chunk;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TargetSession;
import io.sluice.gateway.route.Routing;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides for each table what of an earlier attempt can stay, and cuts what cannot. Used by one
 * thread.
 *
 * <p>What is done stays, with two exceptions that make a table begin anew: the source has written
 * its rows to other places, so that what is left of the ranges no longer is what was not copied; or
 * the log could not bring parts of different moments together, for want of a key.
 *
 * <p>A table that begins anew is first recorded as not planned, then emptied, then recorded with
 * its parts: wherever this is cut off, a table without parts is emptied, and a part that is not
 * marked holds no rows.
 */
final class CopyPlan {

    private static final Logger LOG = LoggerFactory.getLogger(CopyPlan.class);

    private final TargetSession session;
    private final Routing routing;
    private final long chunkBytes;
    private final Checkpoint copying;
    private final CopyMonitor monitor;
    private final Set<TableId> exact;
    private final Map<TableId, TableCopy> known;

    /**
     * @param exact tables of the target whose rows cannot be joined although they have a key
     */
    CopyPlan(
            TargetSession session,
            Routing routing,
            long chunkBytes,
            Checkpoint copying,
            CopyMonitor monitor,
            Set<TableId> exact) {
        this.session = session;
        this.routing = routing;
        this.chunkBytes = chunkBytes;
        this.copying = copying;
        this.monitor = monitor;
        this.exact = exact;
        known = new HashMap<>();
        session.copies().forEach(copy -> known.put(copy.table(), copy));
        session.rollback();
    }

    /** Whether all rows of all tables are there already. */
    boolean isDone(List<TableDefinition> tables) {
        return tables.stream().map(this::known).allMatch(TableCopy::isDone);
    }

    /**
     * The copy of each table, in the order of the tables.
     *
     * @throws ConnectorException FATAL if a table that is copied in part was altered
     */
    List<TableCopy> of(List<TableDefinition> tables, SnapshotReader snapshot) {
        List<TableDefinition> anew =
                tables.stream().filter(table -> !stays(table, snapshot)).toList();
        List<TableId> targets = anew.stream().map(table -> known(table).table()).toList();
        targets.forEach(table -> session.saveCopy(TableCopy.unplanned(table)));
        session.commit(copying);
        if (targets.stream().anyMatch(session::hasRows)) {
            // All at once: together, those with foreign keys among them can be cut short.
            session.empty(targets);
        }
        for (TableDefinition table : anew) {
            if (monitor.isStopping()) {
                throw new CancellationException("the copy was told to stop");
            }
            TableCopy plan = cut(table, snapshot.cut(table, chunkBytes));
            session.saveCopy(plan);
            known.put(plan.table(), plan);
        }
        session.commit(copying);
        return tables.stream().map(this::known).toList();
    }

    private boolean stays(TableDefinition table, SnapshotReader snapshot) {
        TableCopy earlier = known(table);
        // Without a definition it is of an older version, which copied from one moment alone.
        if (!earlier.isBegun() || earlier.definition().isEmpty()) {
            return false;
        }
        String definition = definition(table);
        if (!earlier.definition().equals(definition)) {
            throw new ConnectorException(
                    ErrorClass.FATAL,
                    ("%s was altered while it was being copied: it had the columns %s and has now %s."
                                    + " Copy again: sluice recopy -c FILE '%s'")
                            .formatted(
                                    table.table(),
                                    earlier.definition(),
                                    definition,
                                    copying.pipeline()));
        }
        if (earlier.isDone()) {
            return true;
        }
        boolean joins = routing.target(table).schema().hasKey() && !exact.contains(earlier.table());
        if (joins && earlier.layout().equals(snapshot.layout(table))) {
            return true;
        }
        LOG.warn(
                "The copy of {} begins anew: {}.",
                table.table(),
                joins
                        ? "the source has written the table anew since"
                        : "its rows cannot be joined by a key, so it is copied in one moment");
        return false;
    }

    private TableCopy cut(TableDefinition table, Cut cut) {
        List<Chunk> chunks = new ArrayList<>();
        for (String range : cut.ranges()) {
            chunks.add(new Chunk(chunks.size(), range, null, 0));
        }
        return new TableCopy(known(table).table(), definition(table), cut.layout(), chunks, null);
    }

    private TableCopy known(TableDefinition table) {
        TableId target = routing.renames().apply(table.table());
        return known.getOrDefault(target, TableCopy.unplanned(target));
    }

    private String definition(TableDefinition table) {
        List<String> copied =
                routing.target(table).schema().columns().stream().map(Column::name).toList();
        return table.columns().stream()
                .filter(column -> copied.contains(column.name()))
                .map(CopyPlan::text)
                .collect(Collectors.joining(", "));
    }

    private static String text(ColumnDefinition column) {
        return column.name() + " " + column.nativeType();
    }
}
