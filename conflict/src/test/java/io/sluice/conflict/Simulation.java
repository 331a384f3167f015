package io.sluice.conflict;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.Origin;
import io.sluice.change.Row;
import io.sluice.change.RowChange;
import io.sluice.conflict.Scenario.Edit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Two or three sites that all write one table, their writes on their way to each other, and what
 * each makes of them. All that could be otherwise (who writes what, which way is fast, what arrives
 * twice, whose clock is wrong) is chosen by {@link Choices}, so that a run can be had again.
 */
final class Simulation {

    private static final List<String> NAMES = List.of("a", "b", "c", "d");
    private static final int START = 100;

    private final Scenario scenario;
    private final Choices choices;
    private final List<SimulatedSite> sites = new ArrayList<>();
    private final List<Integer> left;
    private final Map<List<Integer>, Deque<SimulatedSite.Message>> ways = new HashMap<>();
    private final Map<List<Integer>, SimulatedSite.Message> arrived = new HashMap<>();
    private final Map<Version, Set<Version>> pasts = new HashMap<>();
    private final List<Integer> skews = new ArrayList<>();
    private final List<String> history = new ArrayList<>();
    private final SimulatedJoin join;
    private int writesBefore;
    private long added;
    private List<Integer> before = List.of();
    private Set<List<Integer>> openBefore = Set.of();
    private int written;
    private int texts;

    private Simulation(Scenario scenario, Choices choices) {
        this.scenario = scenario;
        this.choices = choices;
        this.left = new ArrayList<>(scenario.writes());
        for (int i = 0; i < left.size(); i++) {
            sites.add(
                    new SimulatedSite(
                            new Origin(NAMES.get(i)),
                            scenario.policy(),
                            scenario.without(),
                            memory(i)));
            skews.add(0);
        }
        this.join = new SimulatedJoin(scenario, sites, ways, this::forgets);
        for (SimulatedSite site : sites) {
            sites.stream().filter(other -> other != site).forEach(o -> site.peer(o.origin));
        }
    }

    /** Who waits to forget does not forget sooner than the other: both ways are tried. */
    private boolean forgets() {
        return !scenario.beats() || choices.below(2) == 0;
    }

    private Optional<? extends SimulatedSite.Memory> memory(int site) {
        int count = left.size() - (scenario.joins() ? 1 : 0);
        if (!scenario.forgets() || site == count) {
            return Optional.empty(); // one that joins gets it when it does
        }
        Set<Origin> others = new HashSet<>();
        NAMES.subList(0, count).forEach(name -> others.add(new Origin(name)));
        others.remove(new Origin(NAMES.get(site)));
        return Optional.of(
                count > 2
                        ? new SimulatedMesh(
                                new Origin(NAMES.get(site)),
                                others,
                                scenario.policy(),
                                this::forgets)
                        : new SimulatedMemory(
                                new Origin(NAMES.get(site)),
                                new Origin(NAMES.get(1 - site)),
                                scenario.policy(),
                                this::forgets));
    }

    /**
     * How a run ended.
     *
     * @param different keys of rows that are not the same everywhere
     * @param parked keys of rows of which something was kept aside
     * @param lost writes that no site shows, nobody overwrote knowingly, and no record tells of
     * @param added what all writers together added to numbers
     */
    record Report(
            Set<Long> different,
            Set<Long> parked,
            boolean stopped,
            Set<Version> lost,
            long added,
            List<Map<Long, List<Object>>> rows,
            int conflicts,
            List<String> steps) {

        boolean isEqual() {
            return different.isEmpty();
        }

        String history() {
            return String.join("; ", steps) + " => " + rows + " lost " + lost;
        }
    }

    static Report run(Scenario scenario, Choices choices) {
        Simulation simulation = new Simulation(scenario, choices);
        simulation.start();
        while (simulation.step()) {}
        simulation.join.requireEnded();
        return simulation.report();
    }

    private void start() {
        if (choices.below(2) == 1) {
            for (int i = 1; i < sites.size(); i++) {
                skews.set(i, -40 * i);
            }
        }
        if (choices.below(2) == 1) {
            Version copy = new Version(new HybridTimestamp(1, 0), sites.getFirst().origin);
            for (long key = 1; key <= scenario.keys(); key++) {
                for (SimulatedSite site : sites.stream().filter(this::isThere).toList()) {
                    site.copied(key, Row.of(key, (long) START, "", "", "{t0}"), copy);
                }
            }
            history.add("copied");
        }
        if (scenario.joins()) {
            int others = left.subList(0, left.size() - 1).stream().mapToInt(n -> n).sum();
            writesBefore = choices.below(others + 1);
        }
    }

    private boolean isThere(SimulatedSite site) {
        return join.isThere(sites.indexOf(site));
    }

    private boolean step() {
        Map<List<Integer>, Runnable> open = new LinkedHashMap<>();
        for (int i = 0; i < sites.size(); i++) {
            int site = i;
            if (left.get(i) > 0 && join.isThere(i)) {
                open.put(List.of(i, i), () -> write(site));
            }
            for (int j = 0; j < sites.size(); j++) {
                List<Integer> way = List.of(j, i);
                if (isOpen(way) && !sites.get(i).stopped) {
                    open.put(way, () -> deliver(way));
                }
                if (join.isBeatDue(j, i)) {
                    open.put(List.of(j, i, 1), () -> beat(way));
                }
            }
        }
        if (written >= writesBefore) {
            join.next(1000 + written / 2)
                    .ifPresent(next -> open.put(List.of(), () -> told("joins", next)));
        }
        if (open.isEmpty()) {
            return false;
        }
        List<List<Integer>> steps = new ArrayList<>(open.keySet());
        steps.removeIf(this::isTheSameEarlier);
        if (steps.isEmpty()) {
            steps.addAll(open.keySet());
        }
        List<Integer> chosen = steps.get(choices.below(steps.size()));
        openBefore = Set.copyOf(open.keySet());
        before = chosen;
        open.get(chosen).run();
        if (scenario.beats()) {
            disturb();
        }
        return true;
    }

    /**
     * Where policies ask for more than the last write, all that a change's site had seen is first.
     */
    private boolean isOpen(List<Integer> way) {
        SimulatedSite.Message next = ways.getOrDefault(way, new ArrayDeque<>()).peek();
        boolean inOrder =
                scenario.forgets()
                        && scenario.policy().asksHistory()
                        && !scenario.without().contains(Scenario.Lack.ORDER);
        return next != null
                && (!inOrder
                        || sites.get(way.get(1)).hasCauses(next, sites.get(way.get(0)).origin));
    }

    /**
     * Whether a step, from a site to a site, could as well have come before the last one, which
     * then is a run of its own: what two sites do does not depend on the order, unless both write,
     * or one sends what the other gets.
     */
    private boolean isTheSameEarlier(List<Integer> way) {
        if (scenario.joins() || before.isEmpty() || !openBefore.contains(way)) {
            return false;
        }
        boolean bothWrite = way.get(0).equals(way.get(1)) && before.get(0).equals(before.get(1));
        return !bothWrite && way.get(1) < before.get(1);
    }

    /** Word without a write, or something that arrives once more. */
    private void disturb() {
        int from = choices.below(sites.size());
        int to = choices.below(sites.size());
        List<Integer> way = List.of(from, to);
        if (from == to || !join.isThere(from) || !join.isThere(to)) {
            return;
        }
        if (choices.below(4) == 0) {
            beat(way);
        } else if (arrived.containsKey(way)) {
            sites.get(to).receive(sites.get(from).origin, arrived.get(way));
        }
    }

    /** All who read a log are told of what is in it; of two sites' logs there is one reader. */
    private void beat(List<Integer> way) {
        int from = way.get(0);
        for (int to = 0; to < sites.size(); to++) {
            if (to == way.get(1) || scenario.joins() && to != from && join.isThere(to)) {
                ways.computeIfAbsent(List.of(from, to), w -> new ArrayDeque<>())
                        .add(sites.get(from).beat());
            }
        }
    }

    private void told(String what, Runnable step) {
        history.add(what);
        step.run();
    }

    private void deliver(List<Integer> way) {
        SimulatedSite.Message message = ways.get(way).remove();
        SimulatedSite from = sites.get(way.get(0));
        SimulatedSite to = sites.get(way.get(1));
        to.receive(from.origin, message);
        message.change()
                .ifPresent(
                        change -> {
                            arrived.put(way, message);
                            history.add(to.origin + " gets " + change.version());
                        });
    }

    private void write(int index) {
        SimulatedSite site = sites.get(index);
        left.set(index, left.get(index) - 1);
        long key = 1 + choices.below(scenario.keys());
        Optional<Row> before = site.standing(key).row();
        Edit edit =
                before.isEmpty()
                        ? Edit.NAME
                        : scenario.edits().get(choices.below(scenario.edits().size()));
        Optional<Row> after =
                before.isEmpty()
                        ? Optional.of(inserted(key, site))
                        : edit == Edit.DELETE
                                ? Optional.empty()
                                : Optional.of(edited(before.get(), edit, site));
        Set<Version> past = new HashSet<>(site.known);
        Incoming change =
                site.write(
                        key, change(before, after), after, 1000 + written++ / 2 + skews.get(index));
        join.written(index);
        pasts.put(change.version(), past);
        history.add((before.isEmpty() ? "INSERT " : edit + " ") + change.version());
        for (int other = 0; other < sites.size(); other++) {
            if (other != index && join.isThere(other)) {
                ways.computeIfAbsent(List.of(index, other), w -> new ArrayDeque<>())
                        .add(new SimulatedSite.Message(Optional.of(change), change.seen()));
            }
        }
    }

    private Row inserted(long key, SimulatedSite site) {
        String text = site.origin.name() + ++texts;
        return Row.of(key, (long) START, text, text, "{" + text + "}");
    }

    /**
     * Amounts are powers of two, no two of them the same within 61 edits, so that none that is
     * missing from a sum goes unnoticed; later ones are often less, so that an order by value is
     * another than that by time. A sum that went beyond 64 bits would make a raise a fall.
     */
    private Row edited(Row row, Edit edit, SimulatedSite site) {
        String text = site.origin.name() + ++texts;
        Object[] values = new Object[row.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = row.get(i);
        }
        long number = (Long) row.get(Scenario.NUMBER);
        long amount = 1L << (texts * 37 % 61);
        switch (edit) {
            case NAME -> values[Scenario.NAME] = text;
            case NOTE -> values[Scenario.NOTE] = text;
            case RAISE -> values[Scenario.NUMBER] = Math.addExact(number, amount);
            case LOWER -> values[Scenario.NUMBER] = Math.subtractExact(number, amount);
            case TAG -> values[Scenario.TAGS] = tagged((String) row.get(Scenario.TAGS));
            case UNTAG -> values[Scenario.TAGS] = "{}";
            case DELETE -> throw new AssertionError();
        }
        added += edit == Edit.RAISE ? amount : edit == Edit.LOWER ? -amount : 0;
        return Row.of(values);
    }

    /** One of few tags more, so that sites add and remove the same ones. */
    private String tagged(String tags) {
        Set<String> all = new TreeSet<>(List.of(tags.substring(1, tags.length() - 1).split(",")));
        all.remove("");
        all.add("t" + choices.below(2));
        return "{" + String.join(",", all) + "}";
    }

    private RowChange change(Optional<Row> before, Optional<Row> after) {
        if (before.isEmpty()) {
            return new RowChange.Insert(Scenario.TABLE, after.orElseThrow());
        }
        boolean whole = !scenario.without().contains(Scenario.Lack.WHOLE_ROWS);
        Object key = before.get().get(Scenario.ID);
        Object not = Row.NOT_SENT;
        Row old = whole ? before.get() : Row.of(key, not, not, not, not);
        if (after.isEmpty()) {
            return new RowChange.Delete(Scenario.TABLE, old);
        }
        Row now = after.get();
        boolean same = now.get(Scenario.NOTE).equals(before.get().get(Scenario.NOTE));
        Row sent =
                !whole && same
                        ? Row.of(key, now.get(1), now.get(2), not, now.get(Scenario.TAGS))
                        : now;
        return new RowChange.Update(Scenario.TABLE, old, sent);
    }

    private Report report() {
        List<Map<Long, List<Object>>> rows = sites.stream().map(Simulation::shown).toList();
        Set<Long> different = new TreeSet<>();
        for (long key = 1; key <= scenario.keys(); key++) {
            Set<Object> values = new HashSet<>();
            for (Map<Long, List<Object>> site : rows) {
                values.add(Optional.ofNullable(site.get(key)));
            }
            if (values.size() > 1) {
                different.add(key);
            }
        }
        Set<Long> parked = new TreeSet<>();
        int conflicts = 0;
        for (SimulatedSite site : sites) {
            conflicts += site.told.size();
            site.told.stream()
                    .filter(told -> told.decision() instanceof Decision.Park)
                    .forEach(told -> parked.add(told.key()));
        }
        return new Report(
                different,
                parked,
                sites.stream().anyMatch(site -> site.stopped),
                lost(),
                added,
                rows,
                conflicts,
                history);
    }

    private static Map<Long, List<Object>> shown(SimulatedSite site) {
        Map<Long, List<Object>> shown = new TreeMap<>();
        site.rows.forEach(
                (key, standing) ->
                        standing.row()
                                .ifPresent(
                                        row -> {
                                            List<Object> values = new ArrayList<>();
                                            for (int i = 0; i < row.size(); i++) {
                                                values.add(
                                                        i == Scenario.TAGS ? set(row) : row.get(i));
                                            }
                                            shown.put(key, values);
                                        }));
        return shown;
    }

    private static Object set(Row row) {
        String tags = (String) row.get(Scenario.TAGS);
        return new TreeSet<>(List.of(tags.substring(1, tags.length() - 1).split(",")));
    }

    private Set<Version> lost() {
        Set<Version> accounted = new HashSet<>();
        for (SimulatedSite site : sites) {
            for (Standing standing : site.rows.values()) {
                RowVersion version = standing.version().orElseThrow();
                accounted.add(version.last());
                accounted.add(version.born());
                version.marks()
                        .forEach(
                                (part, mark) -> {
                                    if (!ColumnGroup.isDecided(part)) {
                                        accounted.add(mark);
                                    }
                                });
            }
            for (SimulatedSite.Told told : site.told) {
                accounted.add(told.incoming());
                told.standing().ifPresent(accounted::add);
            }
        }
        Set<Version> lost = new HashSet<>(pasts.keySet());
        for (Version version : List.copyOf(accounted)) {
            lost.remove(version);
            lost.removeAll(pasts.getOrDefault(version, Set.of()));
        }
        return lost;
    }
}
