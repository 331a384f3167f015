package io.sluice.gateway.keybased;

import io.sluice.change.Column;
import io.sluice.change.Row;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.CopyLineReader;
import io.sluice.connectors.spi.KeyRange;
import io.sluice.connectors.spi.TableOperation.DeleteRows;
import io.sluice.connectors.spi.TableReader.Page;
import io.sluice.gateway.apply.Operation;
import io.sluice.gateway.failpoint.Failpoint;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * One sweep along a table's key, in steps between which the polls go on. Used by one thread.
 *
 * <p>Where the two databases order keys otherwise, as texts may be, a range means other rows on
 * each side. It is then found to differ without need, and nothing more: every key of the target
 * lies in some range all the same, and what is written or deleted is decided by keys alone.
 */
final class TableSweep {

    /** Of the source, in a range. */
    private static final int RANGE_ROWS = 5_000;

    /** Of the target, at once. */
    private static final int PAGE_KEYS = 1_000;

    /** What the next step does. */
    private enum Stage {
        /** Sums the next range up. */
        COMPARE,
        /** Writes from {@code left} on what the target does not hold in the same way. */
        WRITE,
        /** Deletes from {@code left} on what the source does not have. */
        DELETE
    }

    private final TablePoll poll;
    private final Polling polling;
    private final KeyedTable table;
    private final Instant began;
    private final TableSchema sourceKey;
    private final TableSchema targetKey;
    private Stage stage = Stage.COMPARE;
    private List<Object> bound = List.of();
    private KeyRange rest;
    private KeyRange left;
    private long ranges;
    private long differing;
    private long deleted;
    private long written;

    TableSweep(TablePoll poll, Polling polling) {
        this.poll = poll;
        this.polling = polling;
        table = poll.table();
        began = polling.clock().instant();
        rest = KeyRange.all(table.key());
        left = rest;
        sourceKey = keyOnly(table.sourceSchema());
        targetKey = keyOnly(table.standingSchema());
    }

    /** Compares one range, or mends one page of it; returns whether the sweep is through. */
    boolean step() {
        switch (stage) {
            case COMPARE -> compare();
            case WRITE -> writeWhatDiffers();
            case DELETE -> deleteWhatIsGone();
        }
        if (stage != Stage.COMPARE) {
            return false;
        }
        rest = rest.after(bound);
        if (bound.isEmpty()) {
            poll.save(poll.cursor().swept(began));
        }
        return bound.isEmpty();
    }

    private void compare() {
        bound = polling.source().bound(table.source(), rest, RANGE_ROWS);
        KeyRange range = rest.upTo(bound);
        ranges++;
        if (!table.comparesKeys() || !isEqual(range)) {
            differing++;
            stage = Stage.WRITE;
            left = range;
        }
    }

    private boolean isEqual(KeyRange range) {
        return polling.source()
                .digest(table.source(), table.compared(), range)
                .equals(polling.target().digest(table.target(), table.compared(), range));
    }

    /** What it has counted. */
    SweepCounts addTo(SweepCounts counts) {
        return counts.plus(ranges, differing, deleted, written);
    }

    private void writeWhatDiffers() {
        Page page =
                polling.source()
                        .page(
                                table.source(),
                                table.sourceSchema(),
                                left,
                                polling.pageRows(),
                                polling.limits().maxBytes());
        if (!page.lines().isEmpty()) {
            Map<Operation, Long> changes = poll.writer().write(page.lines());
            long rows = changes.values().stream().mapToLong(Long::longValue).sum();
            if (rows > 0) {
                polling.commit();
                polling.events().applied(table.targetSchema().table(), changes);
                written += rows;
            }
            left = left.after(table.values(page.lines().getLast(), table.key()));
        }
        if (page.last()) {
            stage = Stage.DELETE;
            left = rest.upTo(bound);
        }
    }

    /** The target's keys are read first; a row that comes to the source later is not among them. */
    private void deleteWhatIsGone() {
        Page page =
                polling.target()
                        .page(
                                table.target(),
                                targetKey,
                                left,
                                PAGE_KEYS,
                                polling.limits().maxBytes());
        if (!page.lines().isEmpty()) {
            CopyLineReader lines = new CopyLineReader(targetKey);
            List<Row> keys = page.lines().stream().map(lines::row).toList();
            delete(gone(keys));
            left = left.after(values(keys.getLast()));
        }
        if (page.last()) {
            stage = Stage.COMPARE;
        }
    }

    /** The source itself says which keys are the same; two texts of one value are not enough. */
    private List<Row> gone(List<Row> keys) {
        List<Row> found = polling.source().find(table.source(), sourceKey, keys);
        if (found.size() == keys.size()) {
            return List.of();
        }
        Set<Row> there = new HashSet<>();
        found.forEach(row -> there.add(table.form().of(sourceKey, row)));
        List<Row> missing =
                keys.stream()
                        .filter(key -> !there.contains(table.form().of(targetKey, key)))
                        .toList();
        if (missing.size() + found.size() == keys.size()) {
            return missing;
        }
        return missing.stream()
                .filter(
                        key ->
                                polling.source()
                                        .find(table.source(), sourceKey, List.of(key))
                                        .isEmpty())
                .toList();
    }

    private void delete(List<Row> gone) {
        if (gone.isEmpty()) {
            return;
        }
        long rows = polling.session().execute(new DeleteRows(targetKey, gone));
        Failpoint.ROWS_WRITTEN.reached();
        polling.commit();
        Failpoint.COMMITTED.reached();
        polling.events().applied(table.targetSchema().table(), Map.of(Operation.DELETE, rows));
        deleted += rows;
    }

    /** In the key's order, which need not be that of its columns in the table. */
    private List<Object> values(Row key) {
        List<Object> values = new ArrayList<>();
        for (String name : table.key()) {
            values.add(Objects.requireNonNull(key.get(targetKey.keyNames().indexOf(name))));
        }
        return values;
    }

    private static TableSchema keyOnly(TableSchema schema) {
        List<Column> columns = schema.key().stream().map(i -> schema.columns().get(i)).toList();
        List<Integer> positions = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            positions.add(i);
        }
        return new TableSchema(schema.table(), columns, positions);
    }
}
