package io.sluice.gateway.sites;

import io.sluice.change.AppliedMark;
import io.sluice.change.Change;
import io.sluice.change.HybridTimestamp;
import io.sluice.change.Origin;
import io.sluice.change.RowChange;
import io.sluice.change.SourcePosition;
import io.sluice.change.TableSchema;
import io.sluice.change.TransactionEnd;
import io.sluice.change.TransactionPiece;
import io.sluice.conflict.OwnWrites;
import io.sluice.conflict.Seen;
import io.sluice.conflict.TablePolicy;
import io.sluice.conflict.Version;
import io.sluice.conflict.VersionText;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.SiteSession.ReadingPoint;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a site's own log has told so far: the site's hybrid clock, what the site had of its peer,
 * and the rows that the site itself wrote and its peer has not seen.
 *
 * <p>The reader of the log tells it, in the log's order and before anything else is done with what
 * was read. Who applies at the site waits for it and asks it. Everything follows from the log
 * alone: a transaction that the site made gets the time after all before it; one that was applied
 * there carries the time that its peer gave it. So a log that is read again, from a point before
 * which the peer has seen everything, gives the same times and the same rows.
 *
 * <p>Thread-safe.
 */
public final class LocalLog {

    /** How often those who wait look whether they are to stop. */
    private static final Duration LOOK = Duration.ofMillis(100);

    private final Origin site;
    private final Origin peer;
    private final Map<String, Origin> appliers;
    private final int mostRows;
    private final int mostInAll;
    private final Function<TableSchema, TablePolicy> policies;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // All guarded by lock.
    private final Map<RowKey, OwnWrites> unseen = new LinkedHashMap<>();
    private long kept;
    private final ReadingPoints points = new ReadingPoints();
    private HybridTimestamp clock = HybridTimestamp.ZERO;
    private Seen seen = Seen.NOTHING;
    private @Nullable Stamp open;
    private @Nullable SourcePosition read;
    private HybridTimestamp seenByPeer = HybridTimestamp.ZERO;
    private boolean repeatsItself = true;
    private long readings;
    private Consumer<Boolean> hurry = urgent -> {};

    private final Hold hold = new Hold();

    /**
     * @param appliers the pipelines that apply here, each with the site whose changes it brings
     * @param policies by a table in the site's names
     */
    public LocalLog(
            Origin site,
            Origin peer,
            Map<String, Origin> appliers,
            Function<TableSchema, TablePolicy> policies) {
        this(site, peer, appliers, policies, UnseenLimits.ROWS, UnseenLimits.IN_ALL);
    }

    LocalLog(
            Origin site,
            Origin peer,
            Map<String, Origin> appliers,
            Function<TableSchema, TablePolicy> policies,
            int mostRows,
            int mostInAll) {
        this.site = site;
        this.peer = peer;
        this.appliers = Map.copyOf(appliers);
        this.policies = policies;
        this.mostRows = mostRows;
        this.mostInAll = mostInAll;
    }

    public Origin site() {
        return site;
    }

    public Origin peer() {
        return peer;
    }

    /**
     * Reading begins.
     *
     * @param urgency told whenever somebody begins to wait for the reading, and when nobody does
     */
    void begin(ReadingPoint from, Consumer<Boolean> urgency) {
        lock.lock();
        try {
            readings++;
            unseen.clear();
            kept = 0;
            clock = from.clock();
            seen = VersionText.seen(from.seen());
            if (hasThirds() && !seen.upTo().containsKey(site)) {
                seen = seen.with(new Version(clock, site)); // as it was told before
            }
            points.beginAt(from, ownTime());
            open = null;
            read = from.position();
            hold.up(false);
            hurry = urgency;
            hurry.accept(hold.isNeeded());
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Reading has ended: what has been read is as good as nothing until it begins anew. */
    void end() {
        lock.lock();
        try {
            readings++;
            read = null;
            hold.up(false);
            hurry = urgent -> {};
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes the next piece of the log.
     *
     * @return what it says of the transaction that the piece is of; nothing for one that was
     *     applied here, which nobody else needs to know of
     */
    Optional<Stamp> hear(TransactionPiece piece) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (piece.first() && kept >= mostRows && !hold.isNeeded() && read != null) {
                changed.await();
            }
            hold.heard();
            Optional<AppliedMark> mark = piece.end().flatMap(TransactionEnd::applied);
            if (mark.isPresent()) {
                applied(mark.get());
                ended(piece.end().orElseThrow().position());
                return Optional.empty();
            }
            Stamp stamp = open;
            if (stamp == null || piece.first()) {
                // One without changes takes no time: not every reader of the log is told of it.
                boolean empty = piece.changes().isEmpty() && piece.end().isPresent();
                HybridTimestamp at = empty ? ownTime() : clock.next(piece.commitTime());
                Version version = new Version(at, site);
                stamp = new Stamp(version, seen.with(version));
                open = stamp;
            }
            for (Change change : piece.changes()) {
                written(change, stamp.version());
            }
            if (piece.end().isPresent()) {
                clock = clock.max(stamp.version().at());
                seen = hasThirds() ? stamp.seen() : seen;
                ended(piece.end().get().position());
            }
            return Optional.of(stamp);
        } finally {
            lock.unlock();
        }
    }

    private boolean hasThirds() {
        return appliers.size() > 1;
    }

    /**
     * No write of the site itself is later by now. Of two sites it is the clock. Where there are
     * more it is the last write's own time: others are waited for until they have told of it, and a
     * third that is told of an applied transaction's time would wait for a write that never was.
     */
    private HybridTimestamp ownTime() {
        return hasThirds() ? seen.upTo().getOrDefault(site, HybridTimestamp.ZERO) : clock;
    }

    private void applied(AppliedMark mark) {
        clock = clock.max(mark.clock());
        Origin from = appliers.get(mark.pipeline());
        if (from != null) {
            seen = seen.with(new Version(mark.clock(), from));
        }
    }

    private void ended(SourcePosition position) {
        open = null;
        read = position;
        points.add(new ReadingPoint(position, clock, VersionText.of(seen)), ownTime());
        prune();
        changed.signalAll();
    }

    private void written(Change change, Version version) {
        if (change instanceof RowChange row && row.table().hasKey()) {
            RowStep.of(row).forEach(step -> note(step, version));
        }
    }

    /** In the order of their times, so that what the peer has seen is at the front. */
    private void note(RowStep step, Version version) {
        if (version.at().compareTo(seenByPeer) <= 0) {
            return;
        }
        RowChange change = step.change();
        RowKey key = RowKey.of(change.table(), step.row());
        Optional<OwnWrites> before = Optional.ofNullable(unseen.remove(key));
        Optional<OwnWrites> after =
                OwnWrites.after(
                        before, policies.apply(change.table()), change, version, peer, seenByPeer);
        kept += after.map(OwnWrites::size).orElse(0) - before.map(OwnWrites::size).orElse(0);
        after.ifPresent(writes -> unseen.put(key, writes));
        if (kept > mostInAll) {
            throw new ConnectorException(
                    ErrorClass.FATAL,
                    "%s has written more than %d rows that %s has not seen, more than can be kept in mind. Give the gateway more memory (-Xmx), or begin the replication anew; write that much in smaller transactions."
                            .formatted(site, mostInAll, peer));
        }
    }

    /**
     * Waits until the log has been read up to a position.
     *
     * @return which reading of the log it is; what is asked afterwards is known of that one alone
     * @param patience with a reading that does not get on
     * @param stopping whether to give up
     * @throws ConnectorException RETRY if the patience has ended
     * @throws CancellationException if told to stop
     */
    long awaitRead(SourcePosition position, Duration patience, BooleanSupplier stopping)
            throws InterruptedException {
        long since = System.nanoTime();
        lock.lockInterruptibly();
        try {
            hold.needed(1);
            hurry.accept(true);
            changed.signalAll();
            long last = hold.pieces();
            while (read == null || !read.covers(position)) {
                if (stopping.getAsBoolean()) {
                    throw new CancellationException("told to stop");
                }
                if (hold.pieces() != last) {
                    last = hold.pieces();
                    since = System.nanoTime();
                }
                long left = patience.toNanos() - (System.nanoTime() - since);
                if (left <= 0) {
                    throw new ConnectorException(
                            ErrorClass.RETRY,
                            "What %s itself wrote is not known up to now: the pipeline %s->%s does not read its log, or is behind."
                                    .formatted(site, site, peer));
                }
                changed.awaitNanos(Math.min(left, LOOK.toNanos()));
            }
            return readings;
        } finally {
            hold.needed(-1);
            hurry.accept(hold.isNeeded());
            lock.unlock();
        }
    }

    /** Whether it has been read up to a position, for who waits without holding anything up. */
    boolean hasRead(SourcePosition position) {
        return locked(() -> read != null && read.covers(position));
    }

    /** Somebody needs the reading to go on, or no longer, but not so that it must hurry. */
    void need(boolean needed) {
        lock.lock();
        try {
            hold.needed(needed ? 1 : -1);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    Hold hold() {
        return hold;
    }

    /** Whether the log, read again, is known to give no other times than before. */
    boolean repeatsItself() {
        return locked(() -> repeatsItself);
    }

    /** It was found to give other times: what is read of it was configured anew, for instance. */
    void doesNotRepeatItself() {
        lock.lock();
        try {
            repeatsItself = false;
        } finally {
            lock.unlock();
        }
    }

    /** Whether the log is still being read as it was then, and nothing has been forgotten since. */
    boolean isSameReading(long reading) {
        return locked(() -> reading == readings);
    }

    /** What the site itself wrote to a row, unless the peer is known to have seen it. */
    Optional<OwnWrites> unseen(RowKey row) {
        return locked(() -> Optional.ofNullable(unseen.get(row)));
    }

    boolean hasUnseen() {
        return locked(() -> !unseen.isEmpty());
    }

    /** What the site has of the others, as far as its log has been read. */
    Seen seen() {
        return locked(() -> seen);
    }

    /** The time of the last that was read. */
    public HybridTimestamp clock() {
        return locked(() -> clock);
    }

    /**
     * All that will ever come from the peer was made when it had seen the site's writes up to this
     * time. Known only from what is durable here.
     */
    void peerHasSeen(HybridTimestamp upTo) {
        lock.lock();
        try {
            seenByPeer = seenByPeer.max(upTo);
            prune();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void prune() {
        Iterator<OwnWrites> rows = unseen.values().iterator();
        while (rows.hasNext()) {
            OwnWrites writes = rows.next();
            if (writes.version().last().at().compareTo(seenByPeer) > 0) {
                break;
            }
            kept -= writes.size();
            rows.remove();
        }
    }

    /**
     * From where the log has to be read again, to know the rows that the peer has not seen and to
     * miss nothing after the checkpoint. What is before it may be let go of.
     */
    ReadingPoint readingPoint(SourcePosition checkpoint) {
        return locked(() -> points.upTo(checkpoint, seenByPeer));
    }

    private <T> T locked(Supplier<T> asked) {
        lock.lock();
        try {
            return asked.get();
        } finally {
            lock.unlock();
        }
    }
}
