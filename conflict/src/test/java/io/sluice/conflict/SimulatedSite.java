package io.sluice.conflict;

import static io.sluice.conflict.Scenario.Lack.HYBRID_TIME;
import static io.sluice.conflict.Scenario.Lack.SEEN;
import static io.sluice.conflict.Scenario.Lack.TOMBSTONES;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.Origin;
import io.sluice.change.Row;
import io.sluice.change.RowChange;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** A database with its writers, and the part of the gateway that applies to it. */
final class SimulatedSite {

    /** What was told of a decision. */
    record Told(long key, Version incoming, Optional<Version> standing, Decision decision) {}

    /** What it knows of its rows where their versions are not kept with them. */
    interface Memory {

        /** A change by itself: what it followed is not said. */
        Incoming write(long key, RowChange change, Version version, Seen seen);

        /**
         * @param clock the time of the site's log
         * @param here what the site has
         */
        Settlement settle(
                long key, Incoming change, Optional<Row> row, HybridTimestamp clock, Seen here);

        /** All that another site wrote until it had seen that much has been settled. */
        void told(Origin from, Seen seen);
    }

    /** A change under way, or only word of what the site has seen. */
    record Message(Optional<Incoming> change, Seen seen) {}

    final Origin origin;
    final Map<Long, Standing> rows = new TreeMap<>();
    final List<Told> told = new ArrayList<>();

    /** Everything that has been here, as an observer from outside knows it. */
    final Set<Version> known = new HashSet<>();

    private final TablePolicy policy;
    private final Set<Scenario.Lack> without;
    private Optional<? extends Memory> memory;
    private final Map<Origin, HybridTimestamp> acknowledged = new HashMap<>();
    private HybridTimestamp clock = HybridTimestamp.ZERO;
    private Seen seen = Seen.NOTHING;
    boolean stopped;

    /**
     * @param memory where versions are not kept with the rows
     */
    SimulatedSite(
            Origin origin,
            TablePolicy policy,
            Set<Scenario.Lack> without,
            Optional<? extends Memory> memory) {
        this.origin = origin;
        this.policy = policy;
        this.without = without;
        this.memory = memory;
    }

    void copied(long key, Row row, Version version) {
        rows.put(key, Standing.of(row, RowVersion.copied(version)));
        seen = seen.with(version);
        clock = clock.max(version.at());
        known.add(version);
    }

    void peer(Origin other) {
        acknowledged.put(other, HybridTimestamp.ZERO);
    }

    Standing standing(long key) {
        return rows.getOrDefault(key, Standing.NOTHING);
    }

    Message beat() {
        return new Message(Optional.empty(), seen);
    }

    Incoming write(long key, RowChange change, Optional<Row> after, long wallMicros) {
        Instant wall = Instant.EPOCH.plus(wallMicros, ChronoUnit.MICROS);
        HybridTimestamp before = without.contains(HYBRID_TIME) ? own() : clock;
        Version version = new Version(before.next(wall), origin);
        HybridTimestamp everybody =
                acknowledged.values().stream()
                        .min(HybridTimestamp::compareTo)
                        .orElse(HybridTimestamp.ZERO);
        Standing standing = standing(key);
        Incoming local =
                memory.isPresent()
                        ? memory.get().write(key, change, version, seen.with(version))
                        : Incoming.local(change, version, standing, seen, everybody);
        RowVersion written =
                memory.isPresent() ? SimulatedMemory.of(local) : policy.written(local, standing);
        store(key, after.isPresent() ? Standing.of(after.get(), written) : Standing.grave(written));
        clock = clock.max(version.at());
        seen = seen.with(version);
        known.add(version);
        return without.contains(SEEN)
                ? new Incoming(change, version, local.since(), local.life(), Seen.NOTHING)
                : local;
    }

    private HybridTimestamp own() {
        return seen.upTo().getOrDefault(origin, HybridTimestamp.ZERO);
    }

    void receive(Origin from, Message message) {
        acknowledged.put(from, message.seen().upTo().getOrDefault(origin, HybridTimestamp.ZERO));
        message.change().filter(change -> !seen.covers(change.version())).ifPresent(this::settle);
        if (message.change().isEmpty()) {
            own(from, message.seen()).ifPresent(last -> seen = seen.with(last));
        }
        memory.ifPresent(known -> known.told(from, message.seen()));
    }

    private static Optional<Version> own(Origin from, Seen seen) {
        return Optional.ofNullable(seen.upTo().get(from)).map(upTo -> new Version(upTo, from));
    }

    Seen seen() {
        return seen;
    }

    Memory memory() {
        return memory.orElseThrow();
    }

    void remembers(Memory by) {
        memory = Optional.of(by);
    }

    /** What it keeps to decide by where more than two write; that of two is taken over. */
    SimulatedMesh remembersAmongMore() {
        SimulatedMesh mesh =
                switch (memory.orElseThrow()) {
                    case SimulatedMemory alone -> alone.amongMore(seen);
                    case Memory already -> (SimulatedMesh) already;
                };
        memory = Optional.of(mesh);
        return mesh;
    }

    /** A time is written into its log, after all that it has. */
    HybridTimestamp agree(long wallMicros) {
        clock = clock.next(Instant.EPOCH.plus(wallMicros, ChronoUnit.MICROS));
        seen = seen.with(new Version(clock, origin));
        return clock;
    }

    /** Gets all rows of a site, as they are there. */
    void fill(SimulatedSite first) {
        rows.putAll(first.rows);
        known.addAll(first.known);
        seen = first.seen;
        clock = first.clock;
    }

    /** Whether all is here that the site had seen that a message is from. */
    boolean hasCauses(Message message, Origin from) {
        return message.seen().upTo().entrySet().stream()
                .filter(each -> !each.getKey().equals(from))
                .allMatch(each -> seen.covers(new Version(each.getValue(), each.getKey())));
    }

    private void settle(Incoming change) {
        long key = (Long) row(change).get(Scenario.ID);
        Standing standing = standing(key);
        Settlement settlement =
                memory.isPresent()
                        ? memory.get().settle(key, change, standing.row(), clock, seen)
                        : policy.settle(change, standing, origin);
        settlement
                .conflict()
                .ifPresent(
                        conflict ->
                                told.add(
                                        new Told(
                                                key,
                                                change.version(),
                                                standing.version().map(RowVersion::last),
                                                settlement.decision())));
        if (settlement.decision() instanceof Decision.Stop) {
            stopped = true;
            return;
        }
        store(key, settlement.after());
        clock = clock.max(change.version().at());
        seen = seen.with(change.version());
        known.add(change.version());
    }

    private static Row row(Incoming change) {
        return change.after().or(change::before).orElseThrow();
    }

    private void store(long key, Standing standing) {
        boolean nothing =
                standing.version().isEmpty()
                        || (standing.row().isEmpty() && without.contains(TOMBSTONES));
        if (nothing) {
            rows.remove(key);
        } else {
            rows.put(key, standing);
        }
    }
}
