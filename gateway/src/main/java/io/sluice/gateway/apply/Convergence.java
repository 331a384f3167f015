package io.sluice.gateway.apply;

import io.sluice.change.Change;
import io.sluice.change.Row;
import io.sluice.change.RowChange;
import io.sluice.change.SourcePosition;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.change.Truncate;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.SourceDatabase.Found;
import io.sluice.connectors.spi.TableCopy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How the rows of a copy that was made in several moments come together. Used by one thread.
 *
 * <p>The log is followed from the first moment on. A change that all moments of its table cover has
 * left its trace in every row of the copy and is left out. Another one may meet a row that is of
 * before the change, or of after it, or none: an insert therefore takes the place of what stands, a
 * delete is content with nothing, and so is an update, for the row is gone again later in the log.
 * Each change leaves its row as the source had it right after, or as it is later; so when the log
 * has passed the last moment, every row is as it was there.
 *
 * <p>One thing the log cannot bring: a large value that an update did not change and does not
 * carry, where the row is missing because it went from one part of the table to another between
 * their moments, or where the update gives it another key. That row is looked up at the source as
 * it is now, which makes now another moment of its table.
 */
public final class Convergence {

    private final Map<TableId, Moments> tables;
    private final Lookup lookup;

    /**
     * @param positions of the moments that the table's rows are from
     * @param uniqueKeys of the target, but for the one that the log goes by
     */
    private record Moments(Set<SourcePosition> positions, List<List<String>> uniqueKeys) {

        boolean allCover(SourcePosition position) {
            return positions.stream().allMatch(moment -> moment.covers(position));
        }

        boolean areCoveredBy(SourcePosition position) {
            return positions.stream().allMatch(position::covers);
        }
    }

    /** Finds a row of the source. */
    @FunctionalInterface
    public interface Lookup {

        /**
         * @param schema the target's names
         */
        Found find(TableSchema schema, Row key);
    }

    private Convergence(Map<TableId, Moments> tables, Lookup lookup) {
        this.tables = tables;
        this.lookup = lookup;
    }

    /**
     * @param copies of the tables that take part
     * @param uniqueKeys of a table of the target, its primary key among them
     */
    public static Convergence of(
            List<TableCopy> copies,
            Function<TableId, List<List<String>>> uniqueKeys,
            Lookup lookup) {
        Map<TableId, Moments> tables = new HashMap<>();
        for (TableCopy copy : copies) {
            Set<SourcePosition> positions = new HashSet<>();
            for (TableCopy.Chunk chunk : copy.chunks()) {
                if (chunk.position() != null) {
                    positions.add(chunk.position());
                }
            }
            if (copy.settledAt() != null) {
                positions.add(copy.settledAt());
            }
            tables.put(copy.table(), new Moments(positions, uniqueKeys.apply(copy.table())));
        }
        return new Convergence(tables, lookup);
    }

    /** Whether a target that has everything up to {@code position} is as the source was there. */
    public boolean isReachedBy(SourcePosition position) {
        return tables.values().stream().allMatch(moments -> moments.areCoveredBy(position));
    }

    /** A position that is still to be reached; null if there is none. */
    public @Nullable SourcePosition goal(SourcePosition position) {
        return tables.values().stream()
                .flatMap(moments -> moments.positions().stream())
                .filter(moment -> !position.covers(moment))
                .reduce((one, other) -> other.covers(one) ? other : one)
                .orElse(null);
    }

    /** What a transaction that ends at {@code end} brings that is not in the copy already. */
    List<Change> remaining(List<Change> changes, SourcePosition end) {
        List<Change> remaining = new ArrayList<>(changes.size());
        for (Change change : changes) {
            switch (change) {
                case RowChange row -> {
                    if (!isCopied(row.table(), end)) {
                        remaining.add(row);
                    }
                }
                case Truncate truncate -> {
                    List<TableSchema> left =
                            truncate.tables().stream()
                                    .filter(table -> !isCopied(table, end))
                                    .toList();
                    if (!left.isEmpty()) {
                        remaining.add(new Truncate(left));
                    }
                }
            }
        }
        return remaining;
    }

    /**
     * Makes sure that changes can be written before it is known where their transaction ends.
     *
     * @param applied what the target has
     * @throws ConnectorException FATAL if it has to be known
     */
    void requireEndless(List<Change> changes, SourcePosition applied) {
        for (Change change : changes) {
            if (change instanceof RowChange row
                    && !row.table().hasKey()
                    && !moments(row.table()).areCoveredBy(applied)) {
                throw new ConnectorException(
                        ErrorClass.FATAL,
                        ("A transaction that is too large to hold changes %s, which has no key, and"
                                        + " the table's copy was interrupted: whether the copy holds"
                                        + " the changes cannot be told. Copy again: sluice recopy")
                                .formatted(row.table().table()));
            }
        }
    }

    private boolean isCopied(TableSchema table, SourcePosition end) {
        return moments(table).allCover(end) && !moments(table).positions().isEmpty();
    }

    private Moments moments(TableSchema table) {
        return tables.getOrDefault(table.table(), new Moments(Set.of(), List.of()));
    }

    /** The unique keys of a table other than the one that the log goes by. */
    List<TableSchema> otherKeys(TableSchema table) {
        return UniqueKeys.schemas(table, moments(table).uniqueKeys()).stream()
                .filter(key -> !key.key().equals(table.key()))
                .toList();
    }

    /** Looks a row up, which makes the moment of the look one of its table's. */
    Found find(TableSchema table, Row key) {
        Found found = lookup.find(table, key);
        tables.computeIfAbsent(table.table(), t -> new Moments(new HashSet<>(), List.of()))
                .positions()
                .add(found.asOf());
        return found;
    }
}
