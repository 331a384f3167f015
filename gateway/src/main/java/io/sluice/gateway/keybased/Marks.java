package io.sluice.gateway.keybased;

import io.sluice.connectors.spi.TableReader.Running;
import io.sluice.connectors.spi.TableReader.Sounding;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The soundings of one table that are not settled, oldest first. Pure but for its memory; used by
 * one thread.
 *
 * <p>If an earlier one is not settled, no later one is: who ran then and still runs, ran at the
 * later one too.
 */
final class Marks {

    /** Above this every second one is forgotten, which only makes the next settle later. */
    private static final int MOST = 64;

    /** Two transactions may get the same value if they ask within the precision of a second. */
    private static final Duration SAME_INSTANT = Duration.ofSeconds(1);

    private final Duration overlap;
    private final boolean unique;
    private final Deque<Mark> pending = new ArrayDeque<>();
    private List<Object> top = List.of();
    private long topSince;

    private record Mark(List<Object> position, Running running, long nanos) {}

    /**
     * @param unique whether no two rows have the same value of the cursor
     */
    Marks(Duration overlap, boolean unique) {
        this.overlap = overlap;
        this.unique = unique;
    }

    /**
     * @param nanos of a monotonic clock, after the sounding
     */
    void add(Sounding sounding, long nanos) {
        List<Object> now = sounding.top();
        if (now.isEmpty()) {
            return;
        }
        if (top.isEmpty() || !top.getFirst().equals(now.getFirst())) {
            topSince = nanos;
        }
        top = now;
        boolean whole = unique || nanos - topSince > SAME_INSTANT.toNanos();
        pending.add(new Mark(whole ? now : List.of(now.getFirst()), sounding.running(), nanos));
        if (pending.size() > MOST) {
            thin();
        }
    }

    /**
     * The last position that is settled, which is then forgotten with those before it, and with
     * those of which nobody can tell any more.
     *
     * @param running who runs now, asked for before {@code nanos}; a poll that begins after this
     *     call sees all up to the position
     */
    Optional<List<Object>> settled(Running running, long nanos) {
        pending.removeIf(mark -> !isComparable(mark.running(), running));
        Optional<List<Object>> last = Optional.empty();
        while (isSettled(running, nanos)) {
            last = Optional.of(pending.remove().position());
        }
        return last;
    }

    /** Whether {@link #settled} would say of any. */
    boolean isSettled(Running running, long nanos) {
        Mark oldest = pending.peek();
        return oldest != null
                && isComparable(oldest.running(), running)
                && nanos - oldest.nanos() >= overlap.toNanos()
                && !running.prepared()
                && Collections.disjoint(oldest.running().transactions(), running.transactions())
                && hasReplayed(oldest.running().replayed(), running.replayed());
    }

    /** Else another server answers now, or the same one as something else, or tells no more. */
    private static boolean isComparable(Running then, Running now) {
        return (now.known() || then.transactions().isEmpty())
                && (then.replayed() == null) == (now.replayed() == null);
    }

    /** Where replay may stand still, time passes only with it. */
    private boolean hasReplayed(@Nullable Instant then, @Nullable Instant now) {
        return then == null || (now != null && !now.isBefore(then.plus(overlap)));
    }

    private void thin() {
        Deque<Mark> kept = new ArrayDeque<>();
        boolean keep = true;
        for (Mark mark : pending) {
            if (keep) {
                kept.add(mark);
            }
            keep = !keep;
        }
        pending.clear();
        pending.addAll(kept);
    }
}
