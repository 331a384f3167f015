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
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides for each table what of an earlier attempt can stay, and cuts what cannot. Used by one
 * thread.
 *
 * <p>What is done stays, with two exceptions that make a table begin anew: the source has written
 * its rows to other places, so that what is left of the ranges no longer is what was not copied; or
 * the table has no key, so that the log could not bring parts of different moments together.
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
    private final Map<TableId, TableCopy> known;

    CopyPlan(TargetSession session, Routing routing, long chunkBytes, Checkpoint copying) {
        this.session = session;
        this.routing = routing;
        this.chunkBytes = chunkBytes;
        this.copying = copying;
        known =
                session.copies().stream()
                        .collect(Collectors.toMap(TableCopy::table, Function.identity()));
        session.rollback();
    }

    /** Whether all rows of all tables are there already. */
    boolean isDone(List<TableDefinition> tables) {
        return tables.stream().map(this::known).allMatch(TableCopy::isDone);
    }

    /**
     * @throws ConnectorException FATAL if a table that is copied in part was altered
     */
    TableCopy of(TableDefinition table, SnapshotReader snapshot) {
        TableCopy earlier = known(table);
        String definition = definition(table);
        if (earlier.isBegun() && !earlier.definition().equals(definition)) {
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
            return earlier;
        }
        Cut cut = snapshot.cut(table, chunkBytes);
        if (earlier.isBegun()) {
            boolean hasKey = routing.target(table).schema().hasKey();
            if (hasKey && earlier.layout().equals(cut.layout())) {
                return earlier;
            }
            LOG.warn(
                    "The copy of {} begins anew: {}.",
                    table.table(),
                    hasKey
                            ? "the source has rewritten the table since"
                            : "it has no key, so parts of two moments cannot be joined");
        }
        return anew(earlier, definition, cut);
    }

    private TableCopy anew(TableCopy earlier, String definition, Cut cut) {
        TableId table = earlier.table();
        if (earlier.isPlanned()) {
            session.saveCopy(TableCopy.unplanned(table));
            session.commit(copying);
        }
        if (session.hasRows(table)) {
            session.empty(List.of(table));
        }
        List<Chunk> chunks = new ArrayList<>();
        IntStream.range(0, cut.ranges().size())
                .forEach(n -> chunks.add(new Chunk(n, cut.ranges().get(n), null, 0)));
        TableCopy plan = new TableCopy(table, definition, cut.layout(), chunks, null);
        session.saveCopy(plan);
        session.commit(copying);
        return plan;
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
