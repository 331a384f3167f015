package io.sluice.conflict;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.Origin;
import io.sluice.conflict.Scenario.Lack;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How the last of all sites joins the others, which write: it is filled from the first one, as the
 * gateway does it. What two sites that were alone before keep is taken over first.
 */
final class SimulatedJoin {

    private final Scenario scenario;
    private final List<SimulatedSite> sites;
    private final Map<List<Integer>, Deque<SimulatedSite.Message>> ways;
    private final BooleanSupplier forgets;
    private final int last;
    private final Map<SimulatedSite, SimulatedMesh> memories = new HashMap<>();
    private @Nullable HybridTimestamp agreed;
    private boolean joined;
    private boolean tellsMore;

    /**
     * @param forgets whether somebody does who may
     */
    SimulatedJoin(
            Scenario scenario,
            List<SimulatedSite> sites,
            Map<List<Integer>, Deque<SimulatedSite.Message>> ways,
            BooleanSupplier forgets) {
        this.scenario = scenario;
        this.sites = sites;
        this.ways = ways;
        this.forgets = forgets;
        this.last = scenario.writes().size() - 1;
        this.joined = !scenario.joins();
    }

    boolean isThere(int site) {
        return joined || site != last;
    }

    /**
     * What happens next for it, where it may.
     *
     * @param wallMicros by the first site's clock
     */
    Optional<Runnable> next(long wallMicros) {
        if (joined) {
            return Optional.empty();
        }
        return agreed == null
                ? Optional.of(() -> agree(wallMicros))
                : isReady() ? Optional.of(this::fill) : Optional.empty();
    }

    /** Whether word of what a site has is waited for; they send it again and again. */
    boolean isBeatDue(int from, int to) {
        if (!scenario.joins() || from == to || !isThere(from) || !isThere(to)) {
            return false;
        }
        Seen news = sites.get(from).seen();
        Origin origin = sites.get(from).origin;
        HybridTimestamp own = news.upTo().get(origin);
        boolean awaited =
                agreed != null
                        && !joined
                        && to == 0
                        && has(news)
                        && !has(memories.get(sites.getFirst()).told(origin));
        return ways.getOrDefault(List.of(from, to), new ArrayDeque<>()).isEmpty()
                && (awaited
                        || own != null && !sites.get(to).seen().covers(new Version(own, origin)));
    }

    /** Something waits for what will never come. */
    static final class Stuck extends RuntimeException {

        private static final long serialVersionUID = 1;

        private Stuck(String what) {
            super(what);
        }
    }

    /** Nothing may be left under way. */
    void requireEnded() {
        boolean waits = ways.values().stream().anyMatch(way -> !way.isEmpty());
        if (scenario.joins() && (!joined || waits)) {
            throw new Stuck(joined ? "something never came" : "it never joined");
        }
    }

    private boolean has(Seen seen) {
        return seen.covers(new Version(agreed, sites.getFirst().origin));
    }

    private boolean isReady() {
        SimulatedMesh memory = memories.get(sites.getFirst());
        return scenario.without().contains(Lack.AGREEMENT)
                || sites.subList(1, last).stream()
                        .allMatch(member -> has(memory.told(member.origin)));
    }

    private void agree(long wallMicros) {
        for (SimulatedSite site : sites.subList(0, last)) {
            SimulatedMesh memory = site.remembersAmongMore();
            memory.expects(sites.get(last).origin);
            memories.put(site, memory);
        }
        agreed = sites.getFirst().agree(wallMicros);
    }

    private void fill() {
        SimulatedSite first = sites.getFirst();
        SimulatedSite site = sites.get(last);
        Set<Origin> others = new HashSet<>();
        sites.subList(0, last).forEach(other -> others.add(other.origin));
        SimulatedMesh memory = new SimulatedMesh(site.origin, others, scenario.policy(), forgets);
        SimulatedMesh from = memories.get(first);
        from.handOver(memory, from.since(site.origin), first.seen(), scenario.without());
        site.remembers(memory);
        site.fill(first);
        IntStream.range(1, last).forEach(this::begin);
        joined = true;
        tellsMore = scenario.without().contains(Lack.MOMENT);
    }

    /** The first site has written; what it is told with comes to the one that joins before that. */
    void written(int site) {
        if (tellsMore && site == 0) {
            tellsMore = false;
            SimulatedSite first = sites.getFirst();
            SimulatedMesh to = (SimulatedMesh) sites.get(last).memory();
            SimulatedMesh from = memories.get(first);
            Origin joining = sites.get(last).origin;
            from.handOver(to, from.since(joining), first.seen(), scenario.without());
        }
    }

    /** From a member comes what was still under way to the first site. */
    private void begin(int member) {
        ways.put(
                List.of(member, last),
                new ArrayDeque<>(
                        new ArrayList<>(
                                ways.getOrDefault(List.of(member, 0), new ArrayDeque<>()))));
        memories.get(sites.get(member)).meets(sites.get(last).origin, sites.getFirst().origin);
    }
}
