package io.sluice.conflict;

import io.sluice.change.HybridTimestamp;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The times of a site's writes to one row, the newest at hand. Immutable; grows at its end. */
public final class Run {

    private final HybridTimestamp last;
    private final @Nullable Run earlier;
    private final int length;

    private Run(HybridTimestamp last, @Nullable Run earlier) {
        this.last = last;
        this.earlier = earlier;
        this.length = earlier == null ? 1 : earlier.length + 1;
    }

    /** Times up to {@code acknowledged} are let go of whenever the length has doubled. */
    static Run then(@Nullable Run run, HybridTimestamp at, HybridTimestamp acknowledged) {
        if (run != null && run.last.equals(at)) {
            return run;
        }
        Run next = new Run(at, run);
        return Integer.bitCount(next.length) == 1 ? next.after(acknowledged) : next;
    }

    private Run after(HybridTimestamp acknowledged) {
        ArrayDeque<HybridTimestamp> times = new ArrayDeque<>();
        for (Run each = this; each != null; each = each.earlier) {
            if (each.last.compareTo(acknowledged) > 0) {
                times.push(each.last);
            }
        }
        Run kept = null;
        for (HybridTimestamp time : times) {
            kept = new Run(time, kept);
        }
        return kept == null ? new Run(last, null) : kept;
    }

    HybridTimestamp first() {
        Run each = this;
        while (each.earlier != null) {
            each = each.earlier;
        }
        return each.last;
    }

    /** The first time from {@code from} on that is after {@code seen}. */
    Optional<HybridTimestamp> first(HybridTimestamp from, HybridTimestamp seen) {
        HybridTimestamp found = null;
        for (Run each = this; each != null; each = each.earlier) {
            if (each.last.compareTo(from) < 0 || each.last.compareTo(seen) <= 0) {
                break;
            }
            found = each.last;
        }
        return Optional.ofNullable(found);
    }

    int length() {
        return length;
    }

    /** Of one site's log, so that these tell two of one row apart. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Run run && last.equals(run.last) && length == run.length;
    }

    @Override
    public int hashCode() {
        return Objects.hash(last, length);
    }
}
