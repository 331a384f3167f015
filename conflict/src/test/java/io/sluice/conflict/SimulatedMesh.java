package io.sluice.conflict;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.Origin;
import io.sluice.change.Row;
import io.sluice.change.RowChange;
import io.sluice.conflict.Scenario.Lack;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;

/**
 * What one of three and more sites keeps to decide by: for each other one its own writes that this
 * one has not seen, and a version of each row that one of them brought, until all have seen all
 * that it may be of. All else it forgets, as soon as it may or later.
 */
final class SimulatedMesh implements SimulatedSite.Memory {

    private final Origin site;
    private final TablePolicy policy;
    private final BooleanSupplier forgets;
    private final Map<Origin, Map<Long, OwnWrites>> own = new HashMap<>();
    private final Map<Origin, Seen> told = new HashMap<>();
    private final Map<Long, Kept> kept = new HashMap<>();
    private HybridTimestamp lastOwn = HybridTimestamp.ZERO;

    /**
     * @param needs what all have to have seen before it is forgotten
     */
    private record Kept(Recollection.Verdict verdict, Seen needs) {}

    SimulatedMesh(Origin site, Set<Origin> others, TablePolicy policy, BooleanSupplier forgets) {
        this.site = site;
        this.policy = policy;
        this.forgets = forgets;
        for (Origin other : others) {
            own.put(other, new HashMap<>());
            told.put(other, Seen.NOTHING);
        }
    }

    @Override
    public Incoming write(long key, RowChange change, Version version, Seen seen) {
        lastOwn = version.at();
        own.forEach(
                (peer, rows) ->
                        OwnWrites.after(
                                        Optional.ofNullable(rows.get(key)),
                                        policy,
                                        change,
                                        version,
                                        peer,
                                        HybridTimestamp.ZERO)
                                .ifPresent(known -> rows.put(key, known)));
        return new Incoming(change, version, version.at(), Version.NONE, seen);
    }

    @Override
    public Settlement settle(
            long key, Incoming change, Optional<Row> row, HybridTimestamp clock, Seen here) {
        Origin peer = change.version().origin();
        Optional<OwnWrites> mine = Optional.ofNullable(own.get(peer).get(key));
        Optional<Kept> known = Optional.ofNullable(kept.get(key));
        boolean odd = row.isPresent() == change.change() instanceof RowChange.Insert;
        boolean unseen = mine.filter(w -> !change.seen().covers(w.version().last())).isPresent();
        boolean third = known.filter(k -> isUnseen(k, change.seen())).isPresent();
        SharedRecollection recollection =
                new SharedRecollection(site, peer, policy, mine, known.map(Kept::verdict));
        Settlement settlement =
                odd || unseen || third
                        ? policy.settle(change, recollection.standing(row), site)
                        : followed(change, row, known);
        Seen needs = here.with(change.version());
        settlement
                .after()
                .version()
                .map(version -> recollection.toKeep(version, clock))
                .ifPresent(
                        version ->
                                kept.put(
                                        key,
                                        new Kept(new Recollection.Verdict(version, clock), needs)));
        return settlement;
    }

    /** What was kept of one other site alone. */
    void take(
            Origin peer,
            Map<Long, OwnWrites> mine,
            Map<Long, Recollection.Verdict> verdicts,
            Seen here) {
        own.put(peer, new HashMap<>(mine));
        verdicts.forEach((key, verdict) -> kept.put(key, new Kept(verdict, here)));
    }

    /** From now on one more takes part, of which nothing has come. */
    void expects(Origin joining) {
        own.put(joining, new HashMap<>());
        told.put(joining, Seen.NOTHING);
    }

    /** One that joins has seen of this site what the first one had: what that one may not have. */
    void meets(Origin joining, Origin first) {
        own.put(joining, new HashMap<>(own.get(first)));
    }

    /** What was heard of another site's knowledge with all that came from there. */
    Seen told(Origin by) {
        return told.get(by);
    }

    /** What was written since the time that was agreed on. */
    Map<Long, OwnWrites> since(Origin joining) {
        return new HashMap<>(own.get(joining));
    }

    /**
     * Fills the memory of one that joins.
     *
     * @param mine what this site itself wrote since the agreed time
     * @param here what the site has
     */
    void handOver(SimulatedMesh joining, Map<Long, OwnWrites> mine, Seen here, Set<Lack> without) {
        Set<Long> keys = new TreeSet<>(kept.keySet());
        keys.addAll(mine.keySet());
        for (long key : keys) {
            Optional<OwnWrites> written =
                    Optional.ofNullable(mine.get(key)).filter(w -> !without.contains(Lack.OWN));
            Optional<Recollection.Verdict> known =
                    Optional.ofNullable(kept.get(key))
                            .map(Kept::verdict)
                            .filter(v -> !without.contains(Lack.KEPT));
            if (written.isPresent() || known.isPresent()) {
                RowVersion version =
                        new SharedRecollection(site, site, policy, written, known).handedOver();
                Recollection.Verdict verdict =
                        new Recollection.Verdict(version, HybridTimestamp.ZERO);
                joining.kept.put(key, new Kept(verdict, here));
            }
        }
        if (!without.contains(Lack.MOMENT)) {
            own.get(joining.site).clear();
        }
    }

    private boolean isUnseen(Kept known, Seen seen) {
        return SharedRecollection.isUnseen(policy, known.verdict().version(), seen);
    }

    /** No policy is asked. */
    private Settlement followed(Incoming change, Optional<Row> row, Optional<Kept> known) {
        RowVersion version =
                SharedRecollection.followed(policy, known.map(k -> k.verdict().version()), change);
        Standing after =
                change.after()
                        .map(values -> Standing.of(row.map(values::over).orElse(values), version))
                        .orElseGet(() -> Standing.grave(version));
        return new Settlement(Optional.empty(), new Decision.Apply("nothing met it"), after);
    }

    /** Word of what another site had seen, with all that it wrote before. */
    @Override
    public void told(Origin from, Seen seen) {
        told.put(from, seen);
        if (forgets.getAsBoolean()) {
            HybridTimestamp upTo = seen.upTo().getOrDefault(site, HybridTimestamp.ZERO);
            own.get(from)
                    .values()
                    .removeIf(known -> known.version().last().at().compareTo(upTo) <= 0);
        }
        if (forgets.getAsBoolean()) {
            kept.values()
                    .removeIf(each -> told.values().stream().allMatch(s -> covers(s, each.needs)));
        }
    }

    private static boolean covers(Seen seen, Seen needs) {
        return needs.upTo().entrySet().stream()
                .allMatch(each -> seen.covers(new Version(each.getValue(), each.getKey())));
    }
}
