package io.sluice.conflict;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.Origin;
import io.sluice.change.Row;
import io.sluice.change.RowChange;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * What one of two sites keeps to decide by: its own writes that the other has not seen, and what
 * came of those that met a change. All else it forgets, as soon as it may or later.
 */
final class SimulatedMemory implements SimulatedSite.Memory {

    private final Origin site;
    private final Origin peer;
    private final TablePolicy policy;
    private final BooleanSupplier forgets;
    private final Map<Long, OwnWrites> own = new HashMap<>();
    private final Map<Long, Recollection.Verdict> verdicts = new HashMap<>();
    private HybridTimestamp acknowledged = HybridTimestamp.ZERO;

    SimulatedMemory(Origin site, Origin peer, TablePolicy policy, BooleanSupplier forgets) {
        this.site = site;
        this.peer = peer;
        this.policy = policy;
        this.forgets = forgets;
    }

    /** A change by itself: what it followed is not said. */
    @Override
    public Incoming write(long key, RowChange change, Version version, Seen seen) {
        OwnWrites.after(
                        Optional.ofNullable(own.get(key)),
                        policy,
                        change,
                        version,
                        peer,
                        acknowledged)
                .ifPresent(known -> own.put(key, known));
        return new Incoming(change, version, version.at(), Version.NONE, seen);
    }

    /** What is shown of a row that is of one write; nobody decides by it. */
    static RowVersion of(Incoming write) {
        Version version = write.version();
        return new RowVersion(
                version, version, version.at(), Version.NONE, write.isDelete(), Map.of());
    }

    @Override
    public Settlement settle(
            long key, Incoming change, Optional<Row> row, HybridTimestamp clock, Seen here) {
        boolean odd = row.isPresent() == change.change() instanceof RowChange.Insert;
        boolean unseen =
                own.containsKey(key) && !change.seen().covers(own.get(key).version().last());
        Settlement settlement =
                odd || unseen ? decide(key, change, row, clock) : written(change, row);
        forget(change.seen());
        return settlement;
    }

    /** The same, where more than two write from now on. */
    SimulatedMesh amongMore(Seen here) {
        SimulatedMesh mesh = new SimulatedMesh(site, Set.of(peer), policy, forgets);
        mesh.take(peer, own, verdicts, here);
        return mesh;
    }

    /** Only what changes tell is heard of: the fewer chances to forget are the more ways to err. */
    @Override
    public void told(Origin from, Seen seen) {}

    private Settlement decide(long key, Incoming change, Optional<Row> row, HybridTimestamp clock) {
        Recollection recollection =
                new Recollection(
                        site,
                        peer,
                        Optional.ofNullable(own.get(key)),
                        Optional.ofNullable(verdicts.get(key)));
        Standing standing = recollection.towards(change, recollection.standing(row));
        Settlement settlement = policy.settle(change, standing, site);
        if (recollection.isToBeKept(change, settlement)) {
            settlement
                    .after()
                    .version()
                    .ifPresent(
                            version -> verdicts.put(key, new Recollection.Verdict(version, clock)));
        }
        return settlement;
    }

    /** No policy is asked, and no version is kept. */
    private static Settlement written(Incoming change, Optional<Row> row) {
        Standing after =
                change.after()
                        .map(
                                values ->
                                        Standing.of(
                                                row.map(values::over).orElse(values), of(change)))
                        .orElseGet(() -> Standing.grave(of(change)));
        return new Settlement(Optional.empty(), new Decision.Apply("nothing met it"), after);
    }

    private void forget(Seen seen) {
        HybridTimestamp upTo = seen.upTo().getOrDefault(site, HybridTimestamp.ZERO);
        if (forgets.getAsBoolean()) {
            acknowledged = acknowledged.max(upTo);
            own.values().removeIf(known -> known.version().last().at().compareTo(upTo) <= 0);
        }
        if (forgets.getAsBoolean()) {
            verdicts.values().removeIf(verdict -> verdict.at().compareTo(upTo) <= 0);
        }
    }
}
