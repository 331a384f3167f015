package io.sluice.gateway.sites;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.Origin;
import io.sluice.conflict.Seen;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What has arrived at a site from each of several others, and what these had seen of one another.
 * Shared by all who apply there. Thread-safe.
 *
 * <p>A change may come here before one that its site had seen when it was made, for each site's
 * changes take their own way. So who applies waits for the others, as long as they get on ({@link
 * #await}).
 *
 * <p>The versions that are kept here are needed until nothing can come any more that was made
 * without knowledge of them: until what has arrived from every other site was made when that site
 * had all that this one had when it kept them ({@link #settled}).
 */
public final class Arrivals {

    /** Moments that are remembered; of more than these every second one goes. */
    private static final int MOST_MOMENTS = 1_000;

    /** How often those who wait look whether they are to stop. */
    private static final Duration LOOK = Duration.ofMillis(100);

    private final Set<Origin> others;
    private final boolean inOrder;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // All guarded by lock.
    private final Map<Origin, Arrived> arrived = new HashMap<>();
    private final ArrayDeque<Moment> moments = new ArrayDeque<>();

    /** What has come from one site. */
    private static final class Arrived {
        private HybridTimestamp reached = HybridTimestamp.ZERO;
        private Seen seen = Seen.NOTHING;
        private boolean flows;
        private boolean stuck;
    }

    /**
     * @param decided the time of this site's log
     * @param seen what it had by then, its own writes included
     */
    private record Moment(HybridTimestamp decided, Seen seen) {}

    /**
     * @param others all sites but this one
     * @param inOrder whether nothing may come before what its site had seen, however long that
     *     takes
     */
    public Arrivals(Set<Origin> others, boolean inOrder) {
        this.others = Set.copyOf(others);
        this.inOrder = inOrder;
        this.others.forEach(other -> arrived.put(other, new Arrived()));
    }

    /** Whether nothing may come before what its site had seen. */
    boolean isInOrder() {
        return inOrder;
    }

    private Arrived of(Origin other) {
        return arrived.computeIfAbsent(other, o -> new Arrived());
    }

    /**
     * From now on another site's changes come.
     *
     * @param reached the time of the last that is here; null for none
     */
    void flows(Origin from, @Nullable HybridTimestamp reached) {
        lock.lock();
        try {
            Arrived each = of(from);
            each.flows = true;
            each.stuck = false;
            if (reached != null) {
                each.reached = each.reached.max(reached);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** What is here of each, whether more of it comes now or not: as a gateway finds it. */
    void found(Map<Origin, HybridTimestamp> reached) {
        lock.lock();
        try {
            reached.forEach(
                    (from, upTo) -> {
                        Arrived each = of(from);
                        each.reached = each.reached.max(upTo);
                    });
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** They do not come any more for now. */
    void ends(Origin from) {
        lock.lock();
        try {
            of(from).flows = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** A transaction of another site is durable here. */
    void durable(Origin from, Stamp stamp) {
        lock.lock();
        try {
            Arrived each = of(from);
            each.reached = each.reached.max(stamp.version().at());
            each.seen = stamp.seen();
            each.stuck = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Whether all is here that a transaction's site had seen, or is not to be waited for. */
    boolean precedes(Stamp stamp) {
        lock.lock();
        try {
            return late(stamp) == null;
        } finally {
            lock.unlock();
        }
    }

    /** A site of which something is still to come before the transaction; null for none. */
    private @Nullable Arrived late(Stamp stamp) {
        for (Map.Entry<Origin, HybridTimestamp> seen : stamp.seen().upTo().entrySet()) {
            Arrived each = arrived.get(seen.getKey());
            if (each != null
                    && !seen.getKey().equals(stamp.version().origin())
                    && (inOrder || each.flows && !each.stuck)
                    && each.reached.compareTo(seen.getValue()) < 0) {
                return each;
            }
        }
        return null;
    }

    /**
     * Waits until {@link #precedes}. A site whose changes do not get on is not waited for again
     * before they do; or, where all is to come in order, that is for the caller to do.
     *
     * @param patience with one that does not get on
     * @throws CancellationException if told to stop
     */
    void await(Stamp stamp, Duration patience, BooleanSupplier stopping)
            throws InterruptedException {
        lock.lockInterruptibly();
        try {
            Arrived late = late(stamp);
            long since = System.nanoTime();
            HybridTimestamp last = late == null ? HybridTimestamp.ZERO : late.reached;
            while (late != null) {
                if (stopping.getAsBoolean()) {
                    throw new CancellationException("told to stop");
                }
                long left = patience.toNanos() - (System.nanoTime() - since);
                if (left <= 0 && inOrder) {
                    return;
                } else if (left <= 0) {
                    late.stuck = true;
                } else {
                    changed.awaitNanos(Math.min(left, LOOK.toNanos()));
                }
                Arrived now = late(stamp);
                if (now != late || !late.reached.equals(last)) {
                    since = System.nanoTime();
                    last = now == null ? HybridTimestamp.ZERO : now.reached;
                }
                late = now;
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Notes what this site has, as its own log tells it while nobody else applies here.
     *
     * @param decided the log's time: what is kept from now on is decided no earlier
     * @param seen all that what is kept by now is of
     */
    void noted(HybridTimestamp decided, Seen seen) {
        lock.lock();
        try {
            moments.add(new Moment(decided, seen));
            if (moments.size() > MOST_MOMENTS) {
                boolean keep = true;
                for (Iterator<Moment> each = moments.iterator(); each.hasNext(); ) {
                    each.next();
                    if (!keep) {
                        each.remove();
                    }
                    keep = !keep;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Up to when nothing that was decided is asked for any more; empty for nothing new. */
    Optional<HybridTimestamp> settled() {
        lock.lock();
        try {
            HybridTimestamp upTo = null;
            while (!moments.isEmpty() && isSeenByAll(moments.getFirst().seen())) {
                upTo = moments.removeFirst().decided();
            }
            return Optional.ofNullable(upTo);
        } finally {
            lock.unlock();
        }
    }

    /** Whether all others are known to have seen this. */
    boolean isSeenByAll(Seen seen) {
        return lacking(seen).isEmpty();
    }

    /** Those of the others that are not known to have seen all of this. */
    Set<Origin> lacking(Seen seen) {
        lock.lock();
        try {
            return others.stream()
                    .filter(other -> !has(of(other).seen, seen))
                    .collect(Collectors.toSet());
        } finally {
            lock.unlock();
        }
    }

    private static boolean has(Seen own, Seen all) {
        return all.upTo().entrySet().stream()
                .allMatch(
                        each ->
                                own.upTo()
                                                .getOrDefault(each.getKey(), HybridTimestamp.ZERO)
                                                .compareTo(each.getValue())
                                        >= 0);
    }

    /** Those whose changes are coming. */
    Set<Origin> flowing() {
        lock.lock();
        try {
            return others.stream().filter(other -> of(other).flows).collect(Collectors.toSet());
        } finally {
            lock.unlock();
        }
    }
}
