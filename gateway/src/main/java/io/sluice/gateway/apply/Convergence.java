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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How the rows of a copy that was made in several moments come together. Used by one thread.
 *
 * <p>The log is followed from the first moment on. A change may meet a row that is of before the
 * change, or of after it, or none: an insert therefore takes the place of what stands, a delete is
 * content with nothing, and so is an update, for the row is gone again later in the log. Each
 * change leaves its row as the source had it right after, or as it is later; so when the log has
 * passed the last moment, every row is as it was there.
 *
 * <p>One thing the log cannot bring: a large value that an update did not change and does not
 * carry, where the row is missing because it went from one part of the table to another between
 * their moments, or where the update gives it another key. That row is looked up at the source as
 * it is now, which makes now another moment: of this row alone, so that a busy table comes to its
 * end; but of the whole table where a row may have made room for it under another unique key.
 *
 * <p>Rows that have no key, or that the target keeps unique by more than its keys, cannot be joined
 * so. Such a table is of one moment; its changes up to there are left out, and the others are
 * carried out exactly.
 */
public final class Convergence {

    private final Map<TableId, Moments> tables;
    private final Set<TableId> exact;
    private final Lookup lookup;

    /** The moments that a table's rows are from. */
    private static final class Moments {

        final Set<SourcePosition> positions = new HashSet<>();
        final List<List<String>> uniqueKeys;

        // Of rows that were looked up: they are as of there, the others as of the log.
        final Map<Row.Key, SourcePosition> lookedUp = new HashMap<>();

        // Of rows that made room for such, in a table where they can be any.
        @Nullable SourcePosition settled;

        /**
         * @param uniqueKeys of the target
         */
        Moments(List<List<String>> uniqueKeys) {
            this.uniqueKeys = uniqueKeys;
        }

        boolean allCover(SourcePosition position) {
            return positions.stream().allMatch(moment -> moment.covers(position));
        }

        Stream<SourcePosition> all() {
            return Stream.concat(moments(), lookedUp.values().stream());
        }

        /** Those that any row may be of. */
        Stream<SourcePosition> moments() {
            return Stream.concat(positions.stream(), Stream.ofNullable(settled));
        }

        boolean areCoveredBy(SourcePosition position) {
            return all().allMatch(position::covers);
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

    private Convergence(Map<TableId, Moments> tables, Set<TableId> exact, Lookup lookup) {
        this.tables = tables;
        this.exact = exact;
        this.lookup = lookup;
    }

    /**
     * @param copies of the tables that take part
     * @param exact tables whose rows cannot be joined although they have a key
     * @param uniqueKeys of a table of the target, its primary key among them
     */
    public static Convergence of(
            List<TableCopy> copies,
            Set<TableId> exact,
            Function<TableId, List<List<String>>> uniqueKeys,
            Lookup lookup) {
        Map<TableId, Moments> tables = new HashMap<>();
        for (TableCopy copy : copies) {
            Moments moments = new Moments(uniqueKeys.apply(copy.table()));
            for (TableCopy.Chunk chunk : copy.chunks()) {
                if (chunk.position() != null) {
                    moments.positions.add(chunk.position());
                }
            }
            moments.settled = copy.settledAt(); // of which rows is not kept
            tables.put(copy.table(), moments);
        }
        return new Convergence(tables, Set.copyOf(exact), lookup);
    }

    /** Whether a target that has everything up to {@code position} is as the source was there. */
    public boolean isReachedBy(SourcePosition position) {
        return tables.values().stream().allMatch(moments -> moments.areCoveredBy(position));
    }

    /** A position that is still to be reached; null if there is none. */
    public @Nullable SourcePosition goal(SourcePosition position) {
        return tables.values().stream()
                .flatMap(Moments::all)
                .filter(moment -> !position.covers(moment))
                .reduce((one, other) -> other.covers(one) ? other : one)
                .orElse(null);
    }

    /** Whether changes of the table are carried out as they are. */
    boolean isExact(TableSchema table) {
        return !table.hasKey() || exact.contains(table.table());
    }

    /**
     * Whether a change may meet a row of another moment than the log's.
     *
     * @param applied what the target has
     */
    boolean concerns(RowChange change, SourcePosition applied) {
        Moments moments = moments(change.table());
        if (!moments.moments().allMatch(applied::covers)) {
            return true;
        }
        moments.lookedUp.values().removeIf(applied::covers);
        return keys(change).anyMatch(moments.lookedUp::containsKey);
    }

    /** A row that was looked up is still of another moment under another key. */
    void moved(RowChange.Update update) {
        Moments moments = moments(update.table());
        List<Integer> key = update.table().key();
        SourcePosition asOf = moments.lookedUp.get(update.before().key(key));
        if (asOf != null) {
            moments.lookedUp.put(update.after().key(key), asOf);
        }
    }

    private static Stream<Row.Key> keys(RowChange change) {
        List<Integer> key = change.table().key();
        return switch (change) {
            case RowChange.Insert insert -> Stream.of(insert.after().key(key));
            case RowChange.Delete delete -> Stream.of(delete.before().key(key));
            case RowChange.Update update ->
                    Stream.of(update.before().key(key), update.after().key(key));
        };
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

    private boolean isCopied(TableSchema table, SourcePosition end) {
        return isExact(table)
                && !moments(table).positions.isEmpty()
                && moments(table).allCover(end);
    }

    /**
     * Makes sure that changes can be written before it is known where their transaction ends.
     *
     * @param applied what the target has
     * @throws ConnectorException FATAL if it has to be known
     */
    void requireEndless(List<Change> changes, SourcePosition applied) {
        for (Change change : changes) {
            switch (change) {
                case RowChange row -> requireEndless(row.table(), applied);
                case Truncate truncate ->
                        truncate.tables().forEach(table -> requireEndless(table, applied));
            }
        }
    }

    private void requireEndless(TableSchema table, SourcePosition applied) {
        if (isExact(table) && !moments(table).areCoveredBy(applied)) {
            throw new ConnectorException(
                    ErrorClass.FATAL,
                    ("A transaction that is too large to hold changes %s, whose rows cannot be joined"
                                    + " by a key, and the table's copy was interrupted: whether the"
                                    + " copy holds the changes cannot be told. Copy again: sluice"
                                    + " recopy")
                            .formatted(table.table()));
        }
    }

    private Moments moments(TableSchema table) {
        return tables.getOrDefault(table.table(), new Moments(List.of()));
    }

    /** The unique keys of a table other than the one that the log goes by. */
    List<TableSchema> otherKeys(TableSchema table) {
        return UniqueKeys.schemas(table, moments(table).uniqueKeys).stream()
                .filter(key -> !key.key().equals(table.key()))
                .toList();
    }

    /** Looks a row up, which makes the moment of the look one of its table's. */
    Found find(TableSchema table, Row key) {
        Found found = lookup.find(table, key);
        Moments moments = tables.computeIfAbsent(table.table(), t -> new Moments(List.of()));
        if (otherKeys(table).isEmpty()) {
            moments.lookedUp.put(key.key(table.key()), found.asOf());
        } else {
            moments.settled = found.asOf(); // a later look goes before an earlier one
        }
        return found;
    }
}
