package io.sluice.gateway.sites;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.Origin;
import io.sluice.conflict.Seen;
import io.sluice.conflict.Version;
import io.sluice.conflict.VersionText;
import io.sluice.connectors.spi.SiteSession;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What a site remembers beside the versions of its rows, so that these can be forgotten though
 * another site that is away has not seen them. Immutable.
 *
 * @param forgotten up to where versions of each site's writes were forgotten that one had not seen
 * @param watched for how long in all the gateway was at work here: how old something is, is told by
 *     this and not by a clock, for nobody was away while the gateway was
 * @param flowed at which moment of that time each other site's changes were last coming
 * @param moments that not all sites have told to have passed, in their order
 */
record SiteMemory(
        Seen forgotten, Duration watched, Map<Origin, Duration> flowed, List<Moment> moments) {

    /** Of more than these every second one goes. */
    private static final int MOST_MOMENTS = 100;

    /**
     * @param watched when it was
     * @param decided the time of the site's log: what is kept from then on is decided no earlier
     * @param seen all that what was kept by then is of
     */
    record Moment(Duration watched, HybridTimestamp decided, Seen seen) {}

    SiteMemory {
        flowed = Map.copyOf(flowed);
        moments = List.copyOf(moments);
    }

    /**
     * @param more what has been watched since
     * @param flowing the sites whose changes are coming
     */
    SiteMemory after(Duration more, Set<Origin> flowing) {
        Duration now = watched.plus(more);
        Map<Origin, Duration> times = new HashMap<>(flowed);
        flowing.forEach(site -> times.put(site, now));
        return new SiteMemory(forgotten, now, times, moments);
    }

    /**
     * With the present moment, unless the last one was just before.
     *
     * @param apart how long before
     */
    SiteMemory with(HybridTimestamp decided, Seen seen, Duration apart) {
        if (!moments.isEmpty() && age(moments.getLast()).compareTo(apart) < 0) {
            return this;
        }
        List<Moment> all = new ArrayList<>();
        boolean thin = moments.size() >= MOST_MOMENTS;
        for (int i = 0; i < moments.size(); i++) {
            if (!thin || i % 2 == 0) {
                all.add(moments.get(i));
            }
        }
        all.add(new Moment(watched, decided, seen));
        return with(forgotten, all);
    }

    SiteMemory without(Predicate<Seen> passed) {
        return with(
                forgotten, moments.stream().filter(moment -> !passed.test(moment.seen())).toList());
    }

    /** Without this moment and those before it, what is of them being forgotten. */
    SiteMemory forgetting(Moment moment) {
        Seen more = forgotten;
        for (Map.Entry<Origin, HybridTimestamp> each : required(moment).upTo().entrySet()) {
            more = more.with(new Version(each.getValue(), each.getKey()));
        }
        int next = moments.indexOf(moment) + 1;
        return with(more, moments.subList(next, moments.size()));
    }

    private SiteMemory with(Seen more, List<Moment> left) {
        return new SiteMemory(more, watched, flowed, left);
    }

    Duration age(Moment moment) {
        return watched.minus(moment.watched());
    }

    /** Which sites have been away ever since then, who had been there before. */
    Set<Origin> awaySince(Moment moment) {
        Set<Origin> away = new HashSet<>();
        flowed.forEach(
                (site, time) -> {
                    if (time.compareTo(moment.watched()) < 0) {
                        away.add(site);
                    }
                });
        return away;
    }

    /**
     * What of a moment the sites have to have seen that were there since. What one that is away has
     * written may have come here and nowhere else.
     */
    Seen required(Moment moment) {
        Map<Origin, HybridTimestamp> required = new HashMap<>(moment.seen().upTo());
        required.keySet().removeAll(awaySince(moment));
        return new Seen(required);
    }

    /** The oldest that not all have passed. */
    Optional<Moment> oldest() {
        return moments.stream().findFirst();
    }

    static SiteMemory of(SiteSession.Memory stored) {
        List<String> lines = stored.moments().lines().toList();
        Seen forgotten = VersionText.seen(stored.forgotten());
        if (lines.isEmpty()) {
            return new SiteMemory(forgotten, Duration.ZERO, Map.of(), List.of());
        }
        Map<Origin, Duration> flowed = new HashMap<>();
        VersionText.seen(lines.get(1))
                .upTo()
                .forEach((site, time) -> flowed.put(site, duration(time)));
        List<Moment> moments = new ArrayList<>();
        for (String line : lines.subList(2, lines.size())) {
            String[] words = line.split(" ", 3);
            moments.add(
                    new Moment(
                            duration(HybridTimestamp.parse(words[0])),
                            HybridTimestamp.parse(words[1]),
                            VersionText.seen(words[2])));
        }
        return new SiteMemory(
                forgotten, duration(HybridTimestamp.parse(lines.get(0))), flowed, moments);
    }

    SiteSession.Memory stored() {
        Map<Origin, HybridTimestamp> times = new HashMap<>();
        flowed.forEach((site, time) -> times.put(site, micros(time)));
        StringBuilder text = new StringBuilder();
        text.append(micros(watched)).append('\n');
        text.append(VersionText.of(new Seen(times))).append('\n');
        for (Moment moment : moments) {
            text.append(micros(moment.watched())).append(' ').append(moment.decided());
            text.append(' ').append(VersionText.of(moment.seen())).append('\n');
        }
        return new SiteSession.Memory(VersionText.of(forgotten), text.toString());
    }

    private static HybridTimestamp micros(Duration duration) {
        return new HybridTimestamp(duration.dividedBy(ChronoUnit.MICROS.getDuration()), 0);
    }

    private static Duration duration(HybridTimestamp micros) {
        return Duration.of(micros.micros(), ChronoUnit.MICROS);
    }
}
