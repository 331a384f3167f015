package io.sluice.gateway.apply;

import io.sluice.change.Change;
import io.sluice.change.RowChange;
import io.sluice.change.SourcePosition;
import io.sluice.change.TableId;
import io.sluice.change.TransactionEnd;
import io.sluice.change.TransactionPiece;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.RowLimit;
import io.sluice.connectors.spi.RowRefusedException;
import io.sluice.connectors.spi.TargetSession;
import io.sluice.gateway.failpoint.Failpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes pieces, already in the target's names, to a target. Used by one thread.
 *
 * <p>Invariants: a target transaction holds whole source transactions, or the beginning of exactly
 * one; it commits only after whole ones; the checkpoint that it writes is the end of the last.
 */
public final class Applier {

    private static final Logger LOG = LoggerFactory.getLogger(Applier.class);

    /** How often a set is written anew whose rows others write at the same time. */
    private static final int MOST_RACES = 5;

    private final TargetSession session;
    private final ApplyLimits limits;
    private final SetWriter writer;
    private final Observer observer;
    private final ParkedRows parked;
    private final Undo undo;

    private final Settling settling;

    private Checkpoint checkpoint;
    private @Nullable Convergence convergence;

    // Whole transactions that wait to be committed together.
    private final List<Transaction> group = new ArrayList<>();
    private long groupRows;
    private long groupBytes;

    // The transaction that has begun and not ended.
    private List<Change> open = new ArrayList<>();
    private long openBytes;
    private boolean streaming;
    private long streamedRows;
    private int races;

    // Of what the next commit makes durable.
    private final ChangeCounts counts = new ChangeCounts();

    private record Transaction(List<Change> changes, TransactionEnd end) {}

    /** Told of what became durable, on the applying thread. */
    public interface Observer {

        /**
         * @param ends of the source transactions that are now durable, in order
         * @param changes that they were made of
         */
        void committed(
                Checkpoint checkpoint, List<TransactionEnd> ends, Map<Operation, Long> changes);

        /** Of what {@link #committed} is about to tell, the part of one table. */
        default void changed(TableId table, Map<Operation, Long> changes) {}

        /** A transaction arrived that was durable already. */
        void skipped(TransactionEnd end);
    }

    /**
     * @param checkpoint where the target stands, with the epoch to commit under
     * @param convergence what the rows of the copy need of the log; null where they are all of the
     *     checkpoint
     * @param keepOrder whether the target enforces foreign keys, so that tables are not independent
     * @param parking where refused rows are put aside
     * @param settling what becomes of changes where the target's own users write too
     */
    public Applier(
            TargetSession session,
            Checkpoint checkpoint,
            @Nullable Convergence convergence,
            ApplyLimits limits,
            boolean keepOrder,
            Parking parking,
            Settling settling,
            Observer observer) {
        this.session = session;
        this.settling = settling;
        this.checkpoint = checkpoint;
        this.convergence = convergence;
        this.limits = limits;
        this.writer = new SetWriter(session, keepOrder);
        this.observer = observer;
        parked = new ParkedRows(session, parking, settling);
        undo = new Undo(session, parked, settling);
    }

    /** Takes the next piece, and commits when a group is full. */
    public void accept(TransactionPiece piece) {
        if (piece.first() && (streaming || !open.isEmpty())) {
            throw new ConnectorException(
                    ErrorClass.RETRY,
                    "The source began a transaction anew before the one under way had ended.");
        }
        if (piece.sizeInBytes() > RowLimit.rowBytes()) {
            piece.changes().forEach(Applier::requireRoom);
        }
        open.addAll(piece.changes());
        openBytes += piece.sizeInBytes();
        Optional<TransactionEnd> end = piece.end();
        if (end.isPresent()) {
            endOpen(end.get());
        } else if (open.size() >= limits.maxRows() || openBytes >= limits.maxBytes()) {
            writeOn();
        }
    }

    private static void requireRoom(Change change) {
        if (change instanceof RowChange row) {
            RowLimit.require(
                    row.table().table(),
                    () -> RowMismatch.keyText(ApplyPlan.single(change).getFirst()),
                    row.sizeInBytes(),
                    RowLimit.rowBytes());
        }
    }

    /** Whether whole transactions wait to be committed. */
    public boolean hasWork() {
        return !group.isEmpty();
    }

    /** Makes sure, where no transaction is under way, that the pipeline is still this session's. */
    public void requireClaim() {
        if (!streaming && open.isEmpty() && group.isEmpty()) {
            session.requireClaim();
        }
    }

    /** Does, where no transaction is under way, what has been ordered of parked rows. */
    public void tendParked(RowFinder finder) {
        if (!streaming && open.isEmpty() && convergence == null) {
            commitGroup();
            parked.tend(checkpoint, finder);
        }
    }

    /** Commits the whole transactions that wait. */
    public void commitGroup() {
        if (!group.isEmpty()) {
            commitAsSet(List.copyOf(group));
            clearGroup();
        }
    }

    /**
     * Commits the transactions as one set. One that is refused is written otherwise where that may
     * help, else divided, down to the transaction that the refusal is about: most have nothing to
     * do with it.
     */
    private void commitAsSet(List<Transaction> transactions) {
        List<Change> changes = new ArrayList<>();
        transactions.forEach(transaction -> changes.addAll(transaction.changes()));
        try {
            executeAll(changes);
            commit(transactions.stream().map(Transaction::end).toList(), changes);
        } catch (ConnectorException e) {
            undo.all();
            if (settling.isRace(e)) {
                applyAfterRace(transactions, e);
                return;
            }
            if (e.errorClass() != ErrorClass.ROW) {
                throw e;
            }
            LOG.debug("A set of {} changes was refused: {}", changes.size(), e.getMessage());
            if (writer.canDoOtherwise()) {
                commitAsSet(transactions);
                return;
            }
            if (transactions.size() == 1) {
                applyAlone(transactions.getFirst());
                return;
            }
            int middle = transactions.size() / 2;
            commitAsSet(transactions.subList(0, middle));
            commitAsSet(transactions.subList(middle, transactions.size()));
        }
    }

    /** What was not known is known by now; a failure that is no race stands. */
    private void applyAfterRace(List<Transaction> transactions, ConnectorException failure) {
        if (races == MOST_RACES || !settling.isRace(failure)) {
            throw failure;
        }
        races++;
        commitAsSet(transactions);
        races = 0;
    }

    /** What is refused now is refused for good, so it is said where that is in the source's log. */
    private void applyAlone(Transaction transaction) {
        try {
            executeRowByRow(transaction.changes(), transaction.end().position());
            commit(List.of(transaction.end()), transaction.changes());
        } catch (RowRefusedException e) {
            throw new RowRefusedException(
                    e.table(),
                    e.key(),
                    "%s. It is in the transaction that ends at %s, committed %s. Nothing of it is applied."
                            .formatted(
                                    e.getMessage(),
                                    transaction.end().position().text(),
                                    transaction.end().commitTime()),
                    e);
        } catch (ConnectorException e) {
            undo.all();
            applyAfterRace(List.of(transaction), e);
        }
    }

    private void endOpen(TransactionEnd end) {
        List<Change> changes = open;
        long bytes = openBytes;
        open = new ArrayList<>();
        openBytes = 0;
        boolean wasStreaming = streaming;
        streaming = false;
        if (isApplied(end)) {
            LOG.debug("Skips the transaction that ended at {}: it is applied.", end.position());
            if (wasStreaming) {
                undo.all();
            }
            commitGroup(); // it may be a member of the group that arrives twice
            settling.skipped(end);
            observer.skipped(end);
            return;
        }
        endConvergence();
        if (convergence != null && !wasStreaming) {
            changes = convergence.remaining(changes, end.position());
        }
        if (wasStreaming) {
            writeChunk(changes);
            LOG.info("Commits a transaction of {} rows that was written as it came.", streamedRows);
            commit(List.of(end), List.of());
            return;
        }
        group.add(new Transaction(changes, end));
        groupRows += changes.size();
        groupBytes += bytes;
        if (groupRows >= limits.maxRows() || groupBytes >= limits.maxBytes()) {
            commitGroup();
        }
    }

    private void endConvergence() {
        if (convergence != null && convergence.isReachedBy(applied())) {
            commitGroup(); // which may look rows up, and so put the end off
            if (convergence.isReachedBy(applied())) {
                convergence = null;
            }
        }
    }

    private boolean isApplied(TransactionEnd end) {
        return applied().covers(end.position());
    }

    /** What the target has when the group is committed. */
    private SourcePosition applied() {
        return group.isEmpty()
                ? Objects.requireNonNull(checkpoint.position())
                : group.getLast().end().position();
    }

    /** Writes what has come of a transaction that is too large to hold. */
    private void writeOn() {
        if (!streaming) {
            commitGroup();
            streaming = true;
            streamedRows = 0;
        }
        List<Change> changes = open;
        open = new ArrayList<>();
        openBytes = 0;
        writeChunk(changes);
        Failpoint.CHUNK_WRITTEN.reached();
    }

    private void writeChunk(List<Change> changes) {
        if (convergence != null) {
            convergence.requireEndless(changes, applied());
        }
        undo.mark();
        try {
            executeAll(changes);
            settling.confirm();
        } catch (ConnectorException e) {
            boolean raced = e instanceof RacedException && races < MOST_RACES;
            if (e.errorClass() != ErrorClass.ROW && !raced) {
                undo.all();
                throw e;
            }
            undo.toMark();
            if (raced || writer.canDoOtherwise()) {
                races += raced ? 1 : 0;
                writeChunk(changes);
                return;
            }
            executeRowByRow(changes, applied());
        }
        races = 0;
        streamedRows += changes.size();
        changes.forEach(change -> counts.add(change));
    }

    private void executeAll(List<Change> all) {
        List<Change> changes =
                settling.settle(parked.remaining(all, applied()), convergence != null);
        writer.write(changes, Objects.requireNonNull(checkpoint.position()), convergence);
    }

    /** Only what is refused now is the row's fault. */
    private void executeRowByRow(List<Change> changes, SourcePosition at) {
        try {
            if (changes.stream().anyMatch(parked::takes)) {
                executeAround(changes, at);
            } else {
                changes.forEach(change -> executeAll(List.of(change)));
            }
        } catch (ConnectorException e) {
            undo.all();
            throw e;
        }
    }

    /**
     * Divides what is refused, down to the change that the refusal is about, and puts that aside.
     */
    private void executeAround(List<Change> changes, SourcePosition at) {
        undo.mark();
        try {
            executeAll(changes);
        } catch (ConnectorException e) {
            boolean one = changes.size() == 1;
            if (e.errorClass() != ErrorClass.ROW || one && !parked.takes(changes.getFirst())) {
                throw e;
            }
            undo.toMark();
            if (one) {
                parked.park((RowChange) changes.getFirst(), at, e);
                return;
            }
            int middle = changes.size() / 2;
            executeAround(changes.subList(0, middle), at);
            executeAround(changes.subList(middle, changes.size()), at);
        }
    }

    /**
     * @param changes to be counted that were not counted when they were written
     */
    private void commit(List<TransactionEnd> ends, List<Change> changes) {
        TransactionEnd last = ends.getLast();
        settling.confirm();
        Checkpoint next =
                settling.committing(checkpoint.at(last.position(), last.commitTime()), last);
        Failpoint.ROWS_WRITTEN.reached();
        session.commit(next);
        checkpoint = next;
        settling.committed(next);
        changes.forEach(change -> counts.add(change));
        Failpoint.COMMITTED.reached();
        counts.forEachTable(observer::changed);
        observer.committed(next, ends, counts.all());
        counts.clear();
    }

    private void clearGroup() {
        group.clear();
        groupRows = 0;
        groupBytes = 0;
    }
}
