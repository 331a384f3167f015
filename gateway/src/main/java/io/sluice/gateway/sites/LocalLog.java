package io.sluice.gateway.sites;

import io.sluice.change.AppliedMark;
import io.sluice.change.Change;
import io.sluice.change.HybridTimestamp;
import io.sluice.change.Origin;
import io.sluice.change.Row;
import io.sluice.change.RowChange;
import io.sluice.change.SourcePosition;
import io.sluice.change.TableSchema;
import io.sluice.change.TransactionEnd;
import io.sluice.change.TransactionPiece;
import io.sluice.conflict.RowVersion;
import io.sluice.conflict.Seen;
import io.sluice.conflict.Version;
import io.sluice.conflict.VersionText;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.SiteSession.ReadingPoint;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
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

    /**
     * With more rows than this kept here, no other transaction is read until the peer has seen some
     * of them. The one under way goes on: the peer cannot see anything of it before its end.
     */
    private static final int MOST_ROWS = 1_000_000;

    /** How many times that one transaction may take it to. */
    private static final int MOST_TIMES = 10;

    /** Points from which the log could be read again; of more than these every second one goes. */
    private static final int MOST_POINTS = 1_000;

    /** How often those who wait look whether they are to stop. */
    private static final Duration LOOK = Duration.ofMillis(100);

    private final Origin site;
    private final Origin peer;
    private final Map<String, Origin> appliers;
    private final int mostRows;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // All guarded by lock.
    private final Map<RowKey, RowVersion> unseen = new LinkedHashMap<>();
    private final ArrayDeque<ReadingPoint> points = new ArrayDeque<>();
    private HybridTimestamp clock = HybridTimestamp.ZERO;
    private Seen seen = Seen.NOTHING;
    private @Nullable Stamp open;
    private @Nullable SourcePosition read;
    private HybridTimestamp seenByPeer = HybridTimestamp.ZERO;
    private int waiting;
    private boolean repeatsItself = true;
    private long readings;
    private Consumer<Boolean> hurry = urgent -> {};

    /**
     * @param appliers the pipelines that apply here, each with the site whose changes it brings
     */
    public LocalLog(Origin site, Origin peer, Map<String, Origin> appliers) {
        this(site, peer, appliers, MOST_ROWS);
    }

    LocalLog(Origin site, Origin peer, Map<String, Origin> appliers, int mostRows) {
        this.site = site;
        this.peer = peer;
        this.appliers = Map.copyOf(appliers);
        this.mostRows = mostRows;
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
            points.clear();
            points.add(from);
            clock = from.clock();
            seen = VersionText.seen(from.seen());
            open = null;
            read = from.position();
            hurry = urgency;
            hurry.accept(waiting > 0);
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
            while (piece.first() && unseen.size() >= mostRows && waiting == 0 && read != null) {
                changed.await();
            }
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
                HybridTimestamp at = empty ? clock : clock.next(piece.commitTime());
                Version version = new Version(at, site);
                stamp = new Stamp(version, seen.with(version));
                open = stamp;
            }
            for (Change change : piece.changes()) {
                written(change, stamp.version());
            }
            if (piece.end().isPresent()) {
                clock = stamp.version().at();
                ended(piece.end().get().position());
            }
            return Optional.of(stamp);
        } finally {
            lock.unlock();
        }
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
        points.add(new ReadingPoint(position, clock, VersionText.of(seen)));
        if (points.size() > MOST_POINTS) {
            thin();
        }
        prune();
        changed.signalAll();
    }

    private void thin() {
        ReadingPoint first = points.peekFirst();
        boolean keep = false;
        for (Iterator<ReadingPoint> each = points.iterator(); each.hasNext(); ) {
            ReadingPoint point = each.next();
            if (!keep && point != first) {
                each.remove();
            }
            keep = !keep;
        }
    }

    private void written(Change change, Version version) {
        if (!(change instanceof RowChange row)) {
            return;
        }
        TableSchema table = row.table();
        if (!table.hasKey()) {
            return;
        }
        switch (row) {
            case RowChange.Insert insert -> note(table, insert.after(), version, false);
            case RowChange.Update update -> {
                if (update.changesKey()) {
                    note(table, update.before(), version, true);
                }
                note(table, update.after().over(update.before()), version, false);
            }
            case RowChange.Delete delete -> note(table, delete.before(), version, true);
        }
    }

    /** In the order of their times, so that what the peer has seen is at the front. */
    private void note(TableSchema table, Row row, Version version, boolean deleted) {
        if (version.at().compareTo(seenByPeer) <= 0) {
            return;
        }
        RowKey key = RowKey.of(table, row);
        unseen.remove(key);
        if (unseen.size() >= (long) mostRows * MOST_TIMES) {
            throw new ConnectorException(
                    ErrorClass.FATAL,
                    "%s has written more than %d rows that %s has not seen, more than can be kept in mind. Begin the replication anew, and write that much in smaller transactions."
                            .formatted(site, (long) mostRows * MOST_TIMES, peer));
        }
        unseen.put(
                key,
                new RowVersion(
                        version, version, version.at(), HybridTimestamp.ZERO, deleted, Map.of()));
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
            waiting++;
            hurry.accept(true);
            changed.signalAll();
            SourcePosition last = read;
            while (read == null || !read.covers(position)) {
                if (stopping.getAsBoolean()) {
                    throw new CancellationException("told to stop");
                }
                if (!Objects.equals(read, last)) {
                    last = read;
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
            waiting--;
            hurry.accept(waiting > 0);
            lock.unlock();
        }
    }

    /** Whether the log, read again, is known to give no other times than before. */
    boolean repeatsItself() {
        lock.lock();
        try {
            return repeatsItself;
        } finally {
            lock.unlock();
        }
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
        lock.lock();
        try {
            return reading == readings;
        } finally {
            lock.unlock();
        }
    }

    /** The version that the site itself gave a row, unless the peer is known to have seen it. */
    Optional<RowVersion> unseen(RowKey row) {
        lock.lock();
        try {
            return Optional.ofNullable(unseen.get(row));
        } finally {
            lock.unlock();
        }
    }

    /** What the site has of the others, as far as its log has been read. */
    Seen seen() {
        lock.lock();
        try {
            return seen;
        } finally {
            lock.unlock();
        }
    }

    /** The time of the last that was read. */
    public HybridTimestamp clock() {
        lock.lock();
        try {
            return clock;
        } finally {
            lock.unlock();
        }
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
        Iterator<RowVersion> versions = unseen.values().iterator();
        while (versions.hasNext() && versions.next().last().at().compareTo(seenByPeer) <= 0) {
            versions.remove();
        }
    }

    /**
     * From where the log has to be read again, to know the rows that the peer has not seen and to
     * miss nothing after the checkpoint. What is before it may be let go of.
     */
    ReadingPoint readingPoint(SourcePosition checkpoint) {
        lock.lock();
        try {
            while (points.size() > 1) {
                Iterator<ReadingPoint> each = points.iterator();
                each.next();
                ReadingPoint second = each.next();
                if (second.clock().compareTo(seenByPeer) > 0
                        || !checkpoint.covers(second.position())) {
                    break;
                }
                points.removeFirst();
            }
            return points.getFirst();
        } finally {
            lock.unlock();
        }
    }
}
