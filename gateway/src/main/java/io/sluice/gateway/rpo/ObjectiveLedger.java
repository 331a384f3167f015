package io.sluice.gateway.rpo;

import io.sluice.connectors.spi.ObjectiveStore;
import io.sluice.connectors.spi.ObjectiveStore.Breach;
import io.sluice.connectors.spi.ObjectiveStore.Kept;
import io.sluice.connectors.spi.ObjectiveStore.Time;
import io.sluice.gateway.rpo.Tally.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How one pipeline keeps its objective: every moment is counted as kept, over, unknown, exempt or
 * not looked at, in slots of ten minutes; and every breach with its cause. It begins when the RPO
 * is first known, so that the first copy is not held against anybody; from then on only what was
 * seen to be kept counts as kept. Thread-safe.
 *
 * <p>What earlier runs of a gateway saw is taken up by {@link #restore}; what is to outlive this
 * one is {@link #unsaved}. Each run writes what it saw itself, so that nothing is counted twice.
 */
public final class ObjectiveLedger {

    /** Of a longer time between two looks nobody can say how it was. */
    private static final Duration LONGEST_STEP = Duration.ofSeconds(5);

    private static final Duration LEAST_MEMORY = Duration.ofDays(62);

    private final Objective objective;
    private final TimeBook times;
    private final BreachBook breaches = new BreachBook();

    // All guarded by this.
    private @Nullable Instant first;
    private @Nullable Instant last;
    private Tally seen = Tally.NOTHING;

    /** A breach that begins or is over. */
    public record Turn(boolean begins, Breach breach) {}

    /**
     * @param run a number of its own for each run of a gateway
     */
    public ObjectiveLedger(Objective objective, long run) {
        this.objective = objective;
        this.times = new TimeBook(run, memory());
    }

    public Objective objective() {
        return objective;
    }

    /** How far back the ledger knows by itself, once it was restored. */
    public Duration memory() {
        return objective.window().compareTo(LEAST_MEMORY) > 0 ? objective.window() : LEAST_MEMORY;
    }

    /** Counts the time since the last look. */
    public synchronized Optional<Turn> look(Sighting sighting) {
        Duration age = sighting.age();
        Instant before = last;
        last = sighting.at();
        if (before != null) {
            Duration time = Duration.between(before, sighting.at());
            if (time.isPositive() && time.compareTo(LONGEST_STEP) <= 0) {
                count(before, time, outcome(sighting), age == null ? Duration.ZERO : age);
            } else if (time.isPositive() && first != null) {
                seen = seen.filling(seen.looked().plus(time));
            }
        }
        if (age == null && !sighting.isExempt()) {
            return Optional.empty();
        }
        if (age != null && outcome(sighting) == Outcome.OVER) {
            return Optional.ofNullable(breaches.over(sighting, age, first))
                    .map(breach -> new Turn(true, breach));
        }
        return Optional.ofNullable(breaches.within(sighting.at()))
                .map(breach -> new Turn(false, breach));
    }

    private void count(Instant from, Duration time, Outcome outcome, Duration age) {
        if (first == null && outcome != Outcome.UNKNOWN) {
            first = from;
        }
        if (first != null) {
            times.add(from, time, outcome, age);
            seen = seen.with(outcome, time, age);
        }
        breaches.forget(from.minus(memory()));
    }

    private static Outcome outcome(Sighting sighting) {
        if (sighting.isExempt()) {
            return Outcome.EXEMPT;
        }
        Duration age = sighting.age();
        if (age == null) {
            return Outcome.UNKNOWN;
        }
        return age.compareTo(sighting.objective()) <= 0 ? Outcome.KEPT : Outcome.OVER;
    }

    /** Takes up what earlier runs have seen. */
    public synchronized void restore(Kept kept) {
        times.restore(kept.times());
        Instant earlier = kept.first();
        if (earlier != null && (first == null || earlier.isBefore(first))) {
            first = earlier;
        }
        breaches.restore(kept.breaches(), first);
    }

    /** What this run saw and has not been saved. */
    public synchronized Kept unsaved() {
        return new Kept(first, times.unsaved(), breaches.unsaved());
    }

    public synchronized void saved(List<Time> savedTimes, List<Breach> savedBreaches) {
        times.saved(savedTimes);
        breaches.saved(savedBreaches);
    }

    /** How the time up to {@code until} was spent, so far as the ledger goes back. */
    public synchronized Tally between(Instant from, Instant until) {
        Instant begin = first;
        Instant end = last;
        if (begin == null || end == null) {
            return Tally.NOTHING;
        }
        Instant sharpFrom = from.isAfter(begin) ? from : begin;
        Instant sharpEnd = until.isBefore(end) ? until : end;
        return sharpFrom.isBefore(sharpEnd) ? times.between(sharpFrom, sharpEnd) : Tally.NOTHING;
    }

    /** How the time was spent since this run began, from the first known RPO on. */
    public synchronized Tally seen() {
        return seen;
    }

    /** The breaches of a time, the oldest first. */
    public synchronized List<Breach> breaches(Instant from, Instant until) {
        return breaches.between(from, until);
    }

    /** When the RPO was first known; null where it never was. */
    public synchronized @Nullable Instant first() {
        return first;
    }

    /** What is left of what may go wrong. */
    public Budget budget(Instant now) {
        Tally window = between(TimeBook.slotOf(now.minus(objective.window())), now);
        return new Budget(
                objective.budget(),
                window.notKept(),
                burnRate(now, Duration.ofHours(1)),
                burnRate(now, Duration.ofHours(6)));
    }

    /** How many times faster than the target allows the budget is used up. */
    private double burnRate(Instant now, Duration over) {
        Tally spent = between(TimeBook.slotOf(now.minus(over)), now);
        return (1 - spent.attained()) / (1 - objective.target());
    }

    /** As this ledger, but of a time before its memory, which is in the target alone. */
    public ObjectiveLedger of(ObjectiveStore.Kept kept, Instant until) {
        ObjectiveLedger other = new ObjectiveLedger(objective, 0);
        other.restore(kept);
        other.last = until;
        return other;
    }

    /**
     * @param allowed in a window
     * @param used in the window that ends now
     * @param lastHour how many times faster it is used up than it may be
     * @param lastSixHours the same
     */
    public record Budget(Duration allowed, Duration used, double lastHour, double lastSixHours) {

        /** The part that is left; negative where more was used. */
        public double left() {
            return 1 - (double) used.toNanos() / Math.max(1, allowed.toNanos());
        }
    }
}
