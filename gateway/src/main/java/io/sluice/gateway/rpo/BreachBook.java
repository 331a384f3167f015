package io.sluice.gateway.rpo;

import io.sluice.connectors.spi.ObjectiveStore.Breach;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * When the RPO was over its objective, and why. A breach is over only after {@link #CALM} within
 * the objective, so that one that swings around it is one breach. Not thread-safe.
 */
final class BreachBook {

    static final Duration CALM = Duration.ofSeconds(5);

    private final TreeMap<Instant, Breach> ended = new TreeMap<>();
    private final Set<Instant> unsaved = new HashSet<>();
    private @Nullable Breach current;

    /** When it went over, where that may be before anything was known of this pipeline. */
    private @Nullable Instant computed;

    private boolean causeIsVague;
    private @Nullable Instant calmSince;
    private @Nullable Instant firstCalm;

    /** The RPO is over its objective; returns the breach where it begins with this. */
    @Nullable Breach over(Sighting sighting, Duration age, @Nullable Instant earliest) {
        calmSince = null;
        Breach known = current;
        if (known != null) {
            boolean tells = causeIsVague && !sighting.causeIsVague();
            put(
                    new Breach(
                            known.started(),
                            null,
                            tells ? sighting.cause() : known.cause(),
                            age.compareTo(known.worst()) > 0 ? age : known.worst(),
                            known.objective()));
            causeIsVague = causeIsVague && sighting.causeIsVague();
            return null;
        }
        // It went over the objective when it was as old as that, whoever looked then.
        Instant began = sighting.at().minus(age.minus(sighting.objective()));
        computed = earliest == null ? began : null;
        began = clamped(began, earliest == null ? sighting.at() : earliest);
        Breach breach = new Breach(began, null, sighting.cause(), age, sighting.objective());
        causeIsVague = sighting.causeIsVague();
        put(breach);
        return breach;
    }

    /** No earlier than the RPO was known and than the breach before had ended. */
    private Instant clamped(Instant began, Instant earliest) {
        Instant clamped = later(began, earliest);
        Breach last = ended.isEmpty() ? null : ended.lastEntry().getValue();
        if (last != null && last.ended() != null) {
            clamped = later(clamped, last.ended());
        }
        return clamped.truncatedTo(ChronoUnit.MICROS);
    }

    /** The RPO is within its objective; returns the breach that is over with this. */
    @Nullable Breach within(Instant now) {
        if (firstCalm == null) {
            firstCalm = now;
        }
        Breach breach = current;
        if (breach == null) {
            return null;
        }
        if (calmSince == null) {
            calmSince = now;
        }
        return Duration.between(calmSince, now).compareTo(CALM) < 0 ? null : end(breach, calmSince);
    }

    private Breach end(Breach breach, Instant at) {
        Instant sharp = later(at.truncatedTo(ChronoUnit.MICROS), breach.started());
        Breach over =
                new Breach(
                        breach.started(),
                        sharp,
                        breach.cause(),
                        breach.worst(),
                        breach.objective());
        ended.put(over.started(), over);
        unsaved.add(over.started());
        current = null;
        computed = null;
        calmSince = null;
        return over;
    }

    private void put(Breach breach) {
        current = breach;
        unsaved.add(breach.started());
    }

    /**
     * Takes up what earlier runs have seen. One that lasted then goes on, or has ended since.
     *
     * @param earliest when the RPO was first known
     */
    void restore(List<Breach> breaches, @Nullable Instant earliest) {
        for (Breach breach : breaches) {
            if (breach.ended() != null) {
                ended.putIfAbsent(breach.started(), breach);
                continue;
            }
            Breach own = current;
            if (own == null || own.started().equals(breach.started())) {
                current = own == null ? breach : own;
                if (own == null && firstCalm != null) {
                    end(breach, firstCalm);
                }
            } else {
                unsaved.remove(own.started());
                Duration worst =
                        own.worst().compareTo(breach.worst()) > 0 ? own.worst() : breach.worst();
                put(new Breach(breach.started(), null, breach.cause(), worst, breach.objective()));
                computed = null;
            }
        }
        moveBack(earliest);
    }

    /** A breach that was seen before it was known since when there is an RPO began earlier. */
    private void moveBack(@Nullable Instant earliest) {
        Breach own = current;
        Instant went = computed;
        if (own == null || went == null || earliest == null) {
            return;
        }
        computed = null;
        Instant began = clamped(went, earliest);
        if (began.isBefore(own.started())) {
            unsaved.remove(own.started());
            put(new Breach(began, null, own.cause(), own.worst(), own.objective()));
        }
    }

    /** All that were under way at some moment of the time, the oldest first. */
    List<Breach> between(Instant from, Instant to) {
        List<Breach> found = new ArrayList<>();
        for (Breach breach : all()) {
            Instant end = breach.ended();
            if (breach.started().isBefore(to) && (end == null || end.isAfter(from))) {
                found.add(breach);
            }
        }
        return found;
    }

    private List<Breach> all() {
        List<Breach> all = new ArrayList<>(ended.values());
        if (current != null) {
            all.add(current);
        }
        return all;
    }

    List<Breach> unsaved() {
        return all().stream().filter(breach -> unsaved.contains(breach.started())).toList();
    }

    /** One that has changed since is saved again. */
    void saved(List<Breach> breaches) {
        unsaved().stream().filter(breaches::contains).map(Breach::started).forEach(unsaved::remove);
    }

    void forget(Instant before) {
        ended.headMap(before, false).clear();
    }

    private static Instant later(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }
}
