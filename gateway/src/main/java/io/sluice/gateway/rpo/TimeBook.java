package io.sluice.gateway.rpo;

import io.sluice.connectors.spi.ObjectiveStore.Time;
import io.sluice.gateway.rpo.Tally.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** How each slot of time was spent, by the runs of gateways that looked. Not thread-safe. */
final class TimeBook {

    static final Duration SLOT = Duration.ofMinutes(10);

    private final long run;
    private final Duration memory;
    private final TreeMap<Instant, Map<Long, Entry>> slots = new TreeMap<>();
    private final Set<Instant> unsaved = new HashSet<>();

    private record Entry(Instant began, Tally tally) {}

    /**
     * @param run of this gateway
     * @param memory what is older is forgotten here
     */
    TimeBook(long run, Duration memory) {
        this.run = run;
        this.memory = memory;
    }

    static Instant slotOf(Instant moment) {
        long seconds = SLOT.toSeconds();
        return Instant.ofEpochSecond(Math.floorDiv(moment.getEpochSecond(), seconds) * seconds);
    }

    void add(Instant from, Duration time, Outcome outcome, Duration rpo) {
        Duration here = Duration.between(from, slotOf(from).plus(SLOT));
        if (time.compareTo(here) > 0) {
            addInSlot(from, here, outcome, rpo);
            addInSlot(from.plus(here), time.minus(here), outcome, rpo);
        } else {
            addInSlot(from, time, outcome, rpo);
        }
    }

    private void addInSlot(Instant from, Duration time, Outcome outcome, Duration rpo) {
        Instant slot = slotOf(from);
        slots.computeIfAbsent(slot, s -> new TreeMap<>())
                .merge(
                        run,
                        new Entry(from, Tally.NOTHING.with(outcome, time, rpo)),
                        (a, b) -> new Entry(a.began, a.tally.plus(b.tally)));
        unsaved.add(slot);
        slots.headMap(slotOf(from.minus(memory)), false).clear();
    }

    /** Takes up what other runs have seen; this one knows its own. */
    void restore(List<Time> times) {
        for (Time time : times) {
            if (time.run() != run) {
                Tally tally =
                        new Tally(
                                time.kept(),
                                time.over(),
                                time.unknown(),
                                time.exempt(),
                                Duration.ZERO,
                                time.worst());
                slots.computeIfAbsent(time.slot(), s -> new TreeMap<>())
                        .put(time.run(), new Entry(time.began(), tally));
            }
        }
    }

    /** What this run saw and has not saved. */
    List<Time> unsaved() {
        List<Time> times = new ArrayList<>();
        for (Instant slot : unsaved) {
            Entry entry = slots.getOrDefault(slot, Map.of()).get(run);
            if (entry != null) {
                Tally tally = entry.tally;
                times.add(
                        new Time(
                                slot,
                                run,
                                entry.began,
                                tally.kept(),
                                tally.over(),
                                tally.unknown(),
                                tally.exempt(),
                                tally.worst()));
            }
        }
        return times;
    }

    /** A slot that has changed since is saved again. */
    void saved(List<Time> times) {
        unsaved().stream().filter(times::contains).map(Time::slot).forEach(unsaved::remove);
    }

    /** When the RPO was first known; null where it never was. */
    @Nullable Instant first() {
        Instant first = null;
        for (Map<Long, Entry> entries : slots.values()) {
            for (Entry entry : entries.values()) {
                boolean known = !entry.tally.looked().equals(entry.tally.unknown());
                if (known && (first == null || entry.began.isBefore(first))) {
                    first = entry.began;
                }
            }
            if (first != null) {
                return first;
            }
        }
        return null;
    }

    /** How the slots from {@code from} up to {@code to} were spent, both ends of slots or sharp. */
    Tally between(Instant from, Instant to) {
        Tally sum = Tally.NOTHING;
        for (Instant slot = slotOf(from); slot.isBefore(to); slot = slot.plus(SLOT)) {
            Instant begin = slot.isBefore(from) ? from : slot;
            Instant end = slot.plus(SLOT).isAfter(to) ? to : slot.plus(SLOT);
            Tally seen = Tally.NOTHING;
            for (Entry entry : slots.getOrDefault(slot, Map.of()).values()) {
                seen = seen.plus(entry.tally);
            }
            sum = sum.plus(seen.filling(Duration.between(begin, end)));
        }
        return sum;
    }
}
