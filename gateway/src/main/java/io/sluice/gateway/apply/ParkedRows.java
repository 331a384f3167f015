package io.sluice.gateway.apply;

import io.sluice.change.Change;
import io.sluice.change.Row;
import io.sluice.change.RowChange;
import io.sluice.change.SourcePosition;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.change.Truncate;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.DeadLetter;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.TableOperation.DeleteRows;
import io.sluice.connectors.spi.TableOperation.InsertRows;
import io.sluice.connectors.spi.TableOperation.UpdateRows;
import io.sluice.connectors.spi.TargetSession;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of the changes of rows that are parked. Used by one thread.
 *
 * <p>Changes of a parked row are left out; a row that takes the key of a parked one, or leaves it,
 * is parked under both keys. So the target is, but for these rows, always as the source was at the
 * checkpoint.
 *
 * <p>A row that is ordered to be tried again has to be of the checkpoint's moment too. It is looked
 * up at the source, which is ahead, and written once the log has passed the moment of the look with
 * no change of that row on the way. A change on the way that brings the row whole takes the place
 * of the look; any other makes it void, and the row is looked up anew.
 */
final class ParkedRows {

    private static final Logger LOG = LoggerFactory.getLogger(ParkedRows.class);

    private final TargetSession session;
    private final Parking parking;
    private final Settling settling;
    private final Map<TableId, Map<String, Letter>> letters = new HashMap<>();
    private boolean read;

    /** A letter, and what its row is to become. */
    private static final class Letter {
        DeadLetter written;
        @Nullable Candidate candidate;

        Letter(DeadLetter written) {
            this.written = written;
        }
    }

    /**
     * @param row null if there is none
     * @param asOf up to where the log has to have come; null where it has
     */
    private record Candidate(
            TableSchema schema, Row key, @Nullable Row row, @Nullable SourcePosition asOf) {}

    ParkedRows(TargetSession session, Parking parking, Settling settling) {
        this.session = session;
        this.parking = parking;
        this.settling = settling;
    }

    /** Whether a change that the target refuses may be put aside. */
    boolean takes(Change change) {
        return change instanceof RowChange row
                && (parking.takes(row.table()) || settling.takes(row));
    }

    /** Forgets what was noted inside a transaction that was rolled back. */
    void rolledBack() {
        letters.clear();
        read = false;
    }

    /** Puts the change's row aside, inside the session's transaction, or lets the refusal stand. */
    void park(RowChange change, SourcePosition at, ConnectorException refusal) {
        if (settling.putAside(change, refusal)) {
            return;
        }
        if (!parking.takes(change.table())) {
            throw refusal;
        }
        String operation = Operation.of(change).name();
        String reason = String.valueOf(refusal.getMessage());
        for (Row row : rows(change)) {
            parking.park(session, change.table(), row, operation, at, reason);
        }
        read = false;
    }

    /** The rows that a change speaks of, by their keys; the last is the one that it leads to. */
    private static List<Row> rows(RowChange change) {
        return switch (change) {
            case RowChange.Insert insert -> List.of(insert.after());
            case RowChange.Delete delete -> List.of(delete.before());
            case RowChange.Update update when update.changesKey() ->
                    List.of(update.before(), update.after());
            // Of a key that is not sent anew, the former row knows it.
            case RowChange.Update update -> List.of(update.after().over(update.before()));
        };
    }

    /**
     * The changes of rows that are not parked; of the others it is noted that they were left out.
     */
    List<Change> remaining(List<Change> changes, SourcePosition at) {
        readOnce();
        if (letters.isEmpty()) {
            return changes;
        }
        List<Change> remaining = new ArrayList<>(changes.size());
        for (Change change : changes) {
            switch (change) {
                case RowChange row -> {
                    if (!isLeftOut(row, at)) {
                        remaining.add(row);
                    }
                }
                case Truncate truncate -> {
                    truncate.tables().forEach(table -> lookAnew(table.table()));
                    remaining.add(truncate);
                }
            }
        }
        return remaining;
    }

    /** What is known of the table's rows is of before they all went. */
    private void lookAnew(TableId table) {
        letters.getOrDefault(table, Map.of()).values().forEach(letter -> letter.candidate = null);
    }

    private boolean isLeftOut(RowChange change, SourcePosition at) {
        TableId table = change.table().table();
        if (!change.table().hasKey() || !letters.containsKey(table)) {
            return false;
        }
        List<Row> rows = rows(change);
        Map<String, Row> byHash = new LinkedHashMap<>();
        for (Row row : rows) {
            byHash.put(RowJson.hash(RowJson.key(change.table(), row)), row);
        }
        Set<String> parked =
                byHash.keySet().stream()
                        .filter(hash -> letter(table, hash) != null)
                        .filter(hash -> isStillThere(table, hash))
                        .collect(Collectors.toSet());
        if (parked.isEmpty()) {
            return false;
        }
        byHash.forEach(
                (hash, row) -> {
                    Letter letter = letter(table, hash);
                    if (letter != null && parked.contains(hash)) {
                        letter.candidate = afterwards(change, letter);
                    } else {
                        parking.park(
                                session,
                                change.table(),
                                row,
                                Parking.MOVED,
                                at,
                                "the row of %s had, or takes, the key of one that is parked"
                                        .formatted(table));
                        read = false;
                    }
                });
        readOnce();
        return true;
    }

    private boolean isStillThere(TableId table, String hash) {
        if (session.letterBox().leaveOut(table, hash, 1)) {
            return true;
        }
        Objects.requireNonNull(letters.get(table)).remove(hash); // discarded meanwhile
        return false;
    }

    /**
     * What a row that is to be tried again is after the change; null where that is to be looked up.
     */
    private static @Nullable Candidate afterwards(RowChange change, Letter letter) {
        if (!letter.written.retry()) {
            return null;
        }
        return switch (change) {
            case RowChange.Insert insert -> candidate(change, insert.after(), insert.after());
            case RowChange.Delete delete -> candidate(change, delete.before(), null);
            case RowChange.Update update when !update.changesKey() && update.after().isWhole() ->
                    candidate(change, update.after(), update.after());
            case RowChange.Update update -> null;
        };
    }

    private static Candidate candidate(RowChange change, Row key, @Nullable Row row) {
        return new Candidate(change.table(), key, row, null);
    }

    private @Nullable Letter letter(TableId table, String hash) {
        Map<String, Letter> ofTable = letters.get(table);
        return ofTable == null ? null : ofTable.get(hash);
    }

    private void readOnce() {
        if (!read) {
            readAll();
        }
    }

    private List<Letter> readAll() {
        Map<Long, Letter> known = new HashMap<>();
        letters.values()
                .forEach(
                        all ->
                                all.values()
                                        .forEach(letter -> known.put(letter.written.id(), letter)));
        letters.clear();
        List<Letter> all = new ArrayList<>();
        for (DeadLetter written : session.letterBox().all()) {
            Letter letter = known.getOrDefault(written.id(), new Letter(written));
            letter.written = written;
            letters.computeIfAbsent(written.table(), table -> new HashMap<>())
                    .put(written.keyHash(), letter);
            all.add(letter);
        }
        parking.stand(all.size());
        read = true;
        return all;
    }

    /**
     * Does what has been ordered of parked rows meanwhile. Between transactions.
     *
     * @param checkpoint what the target has
     */
    void tend(Checkpoint checkpoint, RowFinder finder) {
        readOnce();
        if (letters.isEmpty()) {
            return;
        }
        List<Letter> ordered = readAll().stream().filter(letter -> letter.written.retry()).toList();
        session.rollback();
        SourcePosition applied = Objects.requireNonNull(checkpoint.position());
        for (Letter letter : ordered) {
            if (letter.candidate == null) {
                letter.candidate = looked(letter.written, checkpoint, finder);
            }
            Candidate candidate = letter.candidate;
            if (candidate != null
                    && (candidate.asOf() == null || applied.covers(candidate.asOf()))) {
                settle(letter, candidate, checkpoint);
            }
        }
        readAll();
        session.rollback();
    }

    private @Nullable Candidate looked(DeadLetter letter, Checkpoint checkpoint, RowFinder finder) {
        Optional<RowFinder.Looked> looked =
                finder.find(letter.table(), schema -> RowJson.row(schema, letter.key()));
        if (looked.isEmpty()) {
            session.letterBox()
                    .refusedAgain(
                            letter.id(),
                            letter.table() + " takes no part in the replication any more");
            session.commit(checkpoint);
            return null;
        }
        RowFinder.Looked row = looked.get();
        return new Candidate(row.schema(), row.key(), row.found().row(), row.found().asOf());
    }

    private void settle(Letter letter, Candidate candidate, Checkpoint checkpoint) {
        try {
            write(candidate);
            session.letterBox().remove(letter.written.id());
            session.commit(checkpoint);
            LOG.info("A row of {} is not parked any more.", letter.written.table());
        } catch (ConnectorException e) {
            session.rollback();
            if (e.errorClass() != ErrorClass.ROW) {
                throw e;
            }
            letter.candidate = null;
            session.letterBox().refusedAgain(letter.written.id(), String.valueOf(e.getMessage()));
            session.commit(checkpoint);
        }
    }

    /**
     * In place, so that rows that refer to it are left alone. A source that makes no difference
     * between upper and lower case may have found the row under another key.
     */
    private void write(Candidate candidate) {
        TableSchema schema = candidate.schema();
        Row row = candidate.row();
        if (row == null || !row.key(schema.key()).equals(candidate.key().key(schema.key()))) {
            session.execute(new DeleteRows(schema, List.of(candidate.key())));
        }
        if (row == null) {
            return;
        }
        UpdateRows update =
                new UpdateRows(
                        schema, TableFold.written(schema, row, false), List.of(row), List.of(row));
        if (session.execute(update) == 0) {
            session.execute(new InsertRows(schema, List.of(row)));
        }
    }
}
