package io.sluice.gateway.sites;

import io.sluice.change.Change;
import io.sluice.change.HybridTimestamp;
import io.sluice.change.Row;
import io.sluice.change.RowChange;
import io.sluice.change.SourcePosition;
import io.sluice.change.TableSchema;
import io.sluice.change.TransactionEnd;
import io.sluice.change.TransactionPiece;
import io.sluice.conflict.OwnWrites;
import io.sluice.conflict.Version;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.CollisionException;
import io.sluice.connectors.spi.ConflictRecord;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.RowRefusedException;
import io.sluice.connectors.spi.SiteSession;
import io.sluice.gateway.apply.RacedException;
import io.sluice.gateway.apply.Settling;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds, among the changes that came, those whose rows the site itself wrote without its peer's
 * knowledge, and has them decided. Used by the applying thread.
 *
 * <p>The rows are locked, so that nobody writes them until the commit, and then the site's own log
 * is waited for: what it has not told by then was not committed before the lock. What finds no
 * trace of a local write is written as a set, as ever. To wait once and not twice, a set is written
 * before the wait, on the strength of what the log had told; if that was not all, everything is
 * undone and done again. A row that does not stand cannot be locked; so, once it is inserted, it is
 * asked again whether somebody had it meanwhile.
 */
final class SiteSettling implements Settling {

    /** How long rows may be kept from the site's users while its log is waited for. */
    private static final Duration HOLDING = Duration.ofSeconds(2);

    /** Each time it may take twice as long; after so many as long as it takes. */
    private static final int MOST_GIVEN_BACK = 4;

    private final SiteSession session;
    private final LocalLog local;
    private final Fence fence;
    private final RowVerdicts verdicts;
    private final SourceReading reading;
    private final ConflictPile conflicts;
    private final OrphanWatch orphans;
    private final @Nullable MeshVersions mesh;
    private final Stamps stamps = new Stamps();

    /** What was known of the site's own writes of rows that are to be asked for again. */
    private final Reversible<RowKey, Asked> toConfirm = new Reversible<>();

    private boolean holds;
    private boolean inParts;
    private int givenBack;

    /**
     * @param held whether nobody else can write the row from now on: it was locked, or is this
     *     transaction's own
     */
    private record Asked(Stamp by, Optional<OwnWrites> known, boolean held) {}

    SiteSettling(
            SiteSession session,
            LocalLog local,
            Fence fence,
            RowVerdicts verdicts,
            SourceReading reading,
            Optional<MeshVersions> mesh,
            ConflictPile conflicts,
            OrphanWatch orphans) {
        this.session = session;
        this.local = local;
        this.fence = fence;
        this.verdicts = verdicts;
        this.reading = reading;
        this.mesh = mesh.orElse(null);
        this.conflicts = conflicts;
        this.orphans = orphans;
    }

    /** Notes a piece, in the target's names, before it is applied. */
    void note(TransactionPiece piece, Stamp stamp) {
        stamps.note(piece, stamp);
    }

    @Override
    public List<Change> settle(List<Change> changes, boolean converging) {
        if (changes.isEmpty()) {
            return changes;
        }
        stamps.written(changes);
        Map<RowKey, TouchedRow> rows = TouchedRow.of(changes, stamps, local.site());
        if (givenBack > 0 && !holds) {
            fence.await(); // while nobody waits for rows
        }
        holds = true;
        if (mesh != null) {
            mesh.begin();
        }
        Set<RowKey> standing = lock(rows);
        if (mesh != null) {
            mesh.ask(rows.values());
        }
        Set<RowKey> settled = toSettle(changes, rows, standing, converging);
        boolean waited = !settled.isEmpty();
        long told = 0;
        if (waited) {
            told = awaitLog();
            settled = toSettle(changes, rows, standing, converging);
        }
        for (TouchedRow row : rows.values()) {
            if (!settled.contains(row.name) && (!waited || !standing.contains(row.name))) {
                boolean held = standing.contains(row.name) || row.isInserted();
                toConfirm.putIfAbsent(row.name, new Asked(row.first(), Optional.empty(), held));
            }
        }
        if (mesh != null) {
            mesh.note(rows.values(), settled);
        }
        if (settled.isEmpty()) {
            if (waited) {
                requireSameReading(told);
            }
            return written(changes, converging);
        }
        List<TouchedRow> decided = settled.stream().map(rows::get).toList();
        RowVerdicts.Verdicts found =
                verdicts.settle(decided, standing::contains, local::unseen, local.clock());
        conflicts.add(found.conflicts());
        if (!converging) {
            found.done().forEach(orphans::note);
        }
        // What nobody could lock and what has become another row, or another tombstone.
        for (TouchedRow row : decided) {
            if (!standing.contains(row.name) && found.changed().contains(row.name)) {
                Optional<OwnWrites> known = found.asked().getOrDefault(row.name, Optional.empty());
                toConfirm.putIfAbsent(
                        row.name, new Asked(row.first(), known, verdicts.leavesStanding(row.name)));
            }
        }
        requireSameReading(told);
        Set<RowKey> done = settled;
        return written(
                changes.stream()
                        .filter(change -> !done.contains(name((RowChange) change)))
                        .toList(),
                converging);
    }

    /** Notes what goes as it is; rows of several moments lack others for a while. */
    private List<Change> written(List<Change> changes, boolean converging) {
        for (Change change : changes) {
            RowChange row = (RowChange) change;
            if (!converging && orphans.concerns(row.table())) {
                orphans.note(new OrphanWatch.Written(row, stamps.of(row)));
            }
        }
        return changes;
    }

    @Override
    public boolean takes(RowChange change) {
        boolean moves = change instanceof RowChange.Update update && update.changesKey();
        return change.table().hasKey() && !moves && !(change instanceof RowChange.Delete);
    }

    @Override
    public boolean putAside(RowChange change, ConnectorException refusal) {
        if (!takes(change)
                || !(refusal instanceof RowRefusedException refused && refused.isOfUniqueKey())) {
            return false;
        }
        Optional<OwnWrites> own = local.unseen(name(change));
        Optional<ConflictRecord> parked = verdicts.putAside(change, stamps.of(change), own);
        parked.ifPresent(conflict -> conflicts.add(List.of(conflict)));
        return parked.isPresent();
    }

    /** Waits for the site's log; what is written in parts cannot be given back and held again. */
    private long awaitLog() {
        if (inParts || givenBack == MOST_GIVEN_BACK) {
            return fence.await();
        }
        try {
            return fence.await(HOLDING.multipliedBy(1L << givenBack));
        } catch (RacedException e) {
            givenBack++;
            throw e;
        }
    }

    /** A reading that began anew, while it was being asked, had nothing to tell for a while. */
    private void requireSameReading(long told) {
        if (!local.isSameReading(told)) {
            throw new RacedException(
                    "The log of %s began to be read anew while rows were being decided on."
                            .formatted(local.site()));
        }
    }

    private static RowKey name(RowChange change) {
        return RowKey.of(change.table(), RowStep.of(change).getFirst().row());
    }

    private Set<RowKey> lock(Map<RowKey, TouchedRow> rows) {
        Map<TableSchema, List<TouchedRow>> tables = new LinkedHashMap<>();
        rows.values()
                .forEach(
                        row ->
                                tables.computeIfAbsent(row.table, table -> new ArrayList<>())
                                        .add(row));
        Set<RowKey> standing = new HashSet<>();
        tables.forEach(
                (table, members) -> {
                    members.sort(TouchedRow.BY_KEY); // so that two who lock meet at the first
                    BitSet found = lock(table, members.stream().map(row -> row.key).toList());
                    found.stream().forEach(i -> standing.add(members.get(i).name));
                });
        return standing;
    }

    private BitSet lock(TableSchema table, List<Row> keys) {
        try {
            return session.lock(table, keys);
        } catch (CollisionException e) {
            throw new RacedException(String.valueOf(e.getMessage()), e);
        }
    }

    /** A row that goes from one key to another goes as it is, or is settled under both. */
    private Set<RowKey> toSettle(
            List<Change> changes,
            Map<RowKey, TouchedRow> rows,
            Set<RowKey> standing,
            boolean converging) {
        Set<RowKey> settled = new HashSet<>();
        for (TouchedRow row : rows.values()) {
            boolean odd = !converging && row.expectsRow() != standing.contains(row.name);
            boolean known = verdicts.knows(row.name);
            boolean unknown = mesh != null && mesh.isUnseenBy(row);
            if (odd || known || unknown || isUnseenBy(row.first(), row.name)) {
                settled.add(row.name);
            }
        }
        boolean more = !settled.isEmpty();
        while (more) {
            more = false;
            for (Change change : changes) {
                if (change instanceof RowChange.Update update && update.changesKey()) {
                    RowKey from = name(update);
                    Row after = update.after().over(update.before());
                    RowKey to = RowKey.of(update.table(), after);
                    if (settled.contains(from) != settled.contains(to)) {
                        settled.add(from);
                        settled.add(to);
                        more = true;
                    }
                }
            }
        }
        // In the order in which they came.
        List<RowKey> ordered = rows.keySet().stream().filter(settled::contains).toList();
        return new LinkedHashSet<>(ordered);
    }

    private boolean isUnseenBy(Stamp stamp, RowKey row) {
        return local.unseen(row)
                .filter(own -> !stamp.seen().covers(own.version().last()))
                .isPresent();
    }

    private static Optional<Version> last(Optional<OwnWrites> writes) {
        return writes.map(own -> own.version().last());
    }

    @Override
    public void confirm() {
        if (!toConfirm.isEmpty() || (mesh != null && !mesh.isEmpty())) {
            confirmRows();
        }
        orphans.look(mesh != null || local.hasUnseen());
        conflicts.write();
    }

    private void confirmRows() {
        long told = awaitLog();
        HybridTimestamp decided = local.clock(); // what is heard while rows are asked for is later
        toConfirm
                .all()
                .forEach(
                        (row, asked) -> {
                            if (isUnseenBy(asked.by(), row)
                                    && !last(local.unseen(row)).equals(last(asked.known()))) {
                                throw new RacedException(
                                        "%s: a row was written at %s while it was being written for %s."
                                                .formatted(
                                                        row.table(), local.site(), local.peer()));
                            }
                        });
        if (mesh != null) {
            mesh.keep(decided);
        }
        requireSameReading(told);
        toConfirm.removeIf(Asked::held);
    }

    /** A deadlock with the site's users is nothing to begin the reading anew for. */
    @Override
    public boolean isRace(ConnectorException failure) {
        return failure instanceof RacedException || failure instanceof CollisionException;
    }

    @Override
    public void skipped(TransactionEnd end) {
        stamps.durable(end.position());
    }

    @Override
    public void savepoint() {
        inParts = true;
        verdicts.mark();
        conflicts.mark();
        orphans.mark();
        toConfirm.mark();
        if (mesh != null) {
            mesh.mark();
        }
    }

    @Override
    public void rolledBackToSavepoint() {
        verdicts.backToMark();
        conflicts.backToMark();
        orphans.backToMark();
        toConfirm.backToMark();
        if (mesh != null) {
            mesh.backToMark();
        }
    }

    @Override
    public void rolledBack() {
        verdicts.clear();
        conflicts.clear();
        orphans.clear();
        toConfirm.clear();
        if (mesh != null) {
            mesh.clear();
        }
        holds = false;
        inParts = false;
    }

    @Override
    public Checkpoint committing(Checkpoint next, TransactionEnd last) {
        conflicts.add(orphans.records(inParts));
        conflicts.write();
        Stamp stamp = stamps.at(last.position());
        reading.committing(session, Objects.requireNonNull(next.position()));
        HybridTimestamp seen = stamp.seen().upTo().get(local.site());
        if (mesh != null) {
            mesh.committing(stamp, reading.isDue());
        } else if (seen != null && reading.isDue()) {
            session.forget(seen);
        }
        return next.stamped(stamp.version().at());
    }

    @Override
    public void committed(Checkpoint checkpoint) {
        SourcePosition end = Objects.requireNonNull(checkpoint.position());
        Stamp stamp = stamps.at(end);
        HybridTimestamp seen = stamp.seen().upTo().get(local.site());
        if (seen != null) {
            local.peerHasSeen(seen);
        }
        if (mesh != null) {
            mesh.committed(stamp);
        }
        stamps.durable(end);
        conflicts.committed();
        reading.committed();
        givenBack = 0;
        rolledBack(); // what was remembered of the transaction is durable
    }
}
