package io.sluice.gateway.pipeline;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.TableCopy;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.gateway.apply.Operation;
import io.sluice.gateway.snapshot.CopyMonitor;
import io.sluice.gateway.snapshot.TableProgress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What is known of each table of a pipeline. Written by the pipeline's thread, once for a table and
 * a commit; read by any.
 */
public final class TableBook {

    private final CopyMonitor copies;
    private final InstantSource clock;

    private final Map<TableId, Applied> applied = new ConcurrentHashMap<>();

    /** By the source's name, the target's. */
    private volatile Map<TableId, TableId> tables = Map.of();

    private volatile Map<TableId, TableProgress> recorded = Map.of();

    private record Applied(
            long inserts, long updates, long deletes, long truncates, @Nullable Instant last) {

        static final Applied NOTHING = new Applied(0, 0, 0, 0, null);

        Applied plus(Map<Operation, Long> changes, Instant now) {
            return new Applied(
                    inserts + changes.getOrDefault(Operation.INSERT, 0L),
                    updates + changes.getOrDefault(Operation.UPDATE, 0L),
                    deletes + changes.getOrDefault(Operation.DELETE, 0L),
                    truncates + changes.getOrDefault(Operation.TRUNCATE, 0L),
                    now);
        }
    }

    /**
     * @param copies tells of the copy that this process makes or has made
     */
    TableBook(CopyMonitor copies, InstantSource clock) {
        this.copies = copies;
        this.clock = clock;
    }

    CopyMonitor copies() {
        return copies;
    }

    /**
     * An attempt begins.
     *
     * @param wanted the tables of the source in the target's names, in their order
     */
    void begun(List<TableDefinition> sources, List<TableDefinition> wanted) {
        Map<TableId, TableId> names = new LinkedHashMap<>();
        for (int i = 0; i < sources.size(); i++) {
            names.put(sources.get(i).table(), wanted.get(i).table());
        }
        tables = names;
    }

    /** What the target says of the copies, which an earlier process may have made. */
    void copied(List<TableCopy> known) {
        Map<TableId, TableProgress> progress = new HashMap<>();
        known.forEach(copy -> progress.put(copy.table(), TableProgress.of(copy)));
        recorded = progress;
    }

    /**
     * Changes of a table, in the target's name, became durable; of no row where it was replaced.
     */
    void changed(TableId table, Map<Operation, Long> changes) {
        Instant now = clock.instant();
        applied.put(table, applied.getOrDefault(table, Applied.NOTHING).plus(changes, now));
    }

    /** All tables, in the source's order; nothing before they are known. */
    public List<TableStatus> all() {
        Map<TableId, TableProgress> earlier = recorded;
        return tables.entrySet().stream()
                .map(names -> status(names.getKey(), names.getValue(), earlier))
                .toList();
    }

    private TableStatus status(
            TableId source, TableId target, Map<TableId, TableProgress> earlier) {
        TableProgress copying = copies.progress(source);
        Applied done = applied.getOrDefault(target, Applied.NOTHING);
        return new TableStatus(
                target,
                source,
                copying == null ? earlier.get(target) : copying,
                done.inserts(),
                done.updates(),
                done.deletes(),
                done.truncates(),
                done.last());
    }
}
