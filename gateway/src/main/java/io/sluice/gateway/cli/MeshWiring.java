package io.sluice.gateway.cli;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.Origin;
import io.sluice.change.SourcePosition;
import io.sluice.conflict.Seen;
import io.sluice.conflict.Version;
import io.sluice.conflict.VersionText;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.Checkpoint.Phase;
import io.sluice.connectors.spi.Holder;
import io.sluice.connectors.spi.SiteSession.ReadingPoint;
import io.sluice.connectors.spi.SourceDatabase;
import io.sluice.connectors.spi.SourceProbe;
import io.sluice.connectors.spi.TargetDatabase;
import io.sluice.connectors.spi.TargetSession;
import io.sluice.gateway.sites.Joining;
import io.sluice.gateway.sites.LocalLog;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * How three and more sites begin. The first one fills each other one; then the ways between these
 * begin, each once its source has seen all that its target was filled with. So nothing that comes
 * to a site was made without knowledge of a row of its copy, of which no version is known. A site
 * that is added later, while these write, is filled otherwise: see {@link Joining}.
 *
 * <p>A site's log has a reader for each other site, and all must give a transaction the same time.
 * They begin at different places, with different knowledge of what was before. So each that begins
 * writes a time into the log that is later than any that a reader knows: from there on they agree.
 *
 * <p>Thread-safe.
 */
final class MeshWiring {

    private static final Duration STATEMENT = Duration.ofMinutes(1);

    /** More than the counters of a time that stands still come to until the log shows it. */
    private static final long AHEAD_MICROS = 1_000_000;

    private final String replication;
    private final List<String> sites;
    private final Map<String, CountDownLatch> filled;
    private final Function<String, Collection<LocalLog>> readers;
    private final Function<String, TargetDatabase> targets;
    private final Function<String, SourceDatabase> sources;
    private final InstantSource clock = InstantSource.system();
    private final Set<String> begun = ConcurrentHashMap.newKeySet();
    private final Map<String, SourcePosition> ends = new ConcurrentHashMap<>();

    /**
     * @param sites the first of which fills the others
     * @param filled by site, open once it has its rows
     * @param readers of a site's log
     */
    MeshWiring(
            String replication,
            List<String> sites,
            Map<String, CountDownLatch> filled,
            Function<String, Collection<LocalLog>> readers,
            Function<String, TargetDatabase> targets,
            Function<String, SourceDatabase> sources) {
        this.replication = replication;
        this.sites = List.copyOf(sites);
        this.filled = Map.copyOf(filled);
        this.readers = readers;
        this.targets = targets;
        this.sources = sources;
    }

    /** Under which name times are written into a site's log. No database is called so. */
    static String clockOf(String replication, String site) {
        return Wiring.name(replication, "*", site);
    }

    /** Under which name a site notes that it joins others that write. No database is called so. */
    static String joiningOf(String replication, String site) {
        return Wiring.name(replication, "+", site);
    }

    /** What has to happen yet before a way begins; empty where it may, or has begun before. */
    Optional<String> awaited(String source, String target) {
        String first = sites.getFirst();
        if (target.equals(first)) {
            return unfilled(Map.of(source, Objects.requireNonNull(filled.get(source))))
                    .or(() -> unbegun(source));
        }
        String pipeline = Wiring.name(replication, source, target);
        if (begun.contains(pipeline) || hasBegun(pipeline, target)) {
            begun.add(pipeline);
            return Optional.empty();
        }
        if (hasJoined(source)) {
            // All that who was there before it was filled with came with its own rows; to one that
            // joins after it the way begins with that one's rows.
            return unfilled(Map.of(target, Objects.requireNonNull(filled.get(target))));
        }
        Optional<String> unfilled = unfilled(filled);
        if (unfilled.isPresent()) {
            return unfilled;
        }
        SourcePosition end = ends.computeIfAbsent(pipeline, p -> end(first, source));
        try (TargetDatabase site = targets.apply(source)) {
            boolean arrived =
                    site.checkpoint(Wiring.name(replication, first, source))
                            .map(Checkpoint::position)
                            .filter(position -> position.covers(end))
                            .isPresent();
            return arrived
                    ? Optional.empty()
                    : Optional.of(
                            "%s has what was written at %s while the others were filled"
                                    .formatted(source, first));
        }
    }

    /**
     * The first site to write to the one that fills it waits until all others are being filled: one
     * that is not by then joins.
     */
    private Optional<String> unbegun(String source) {
        String first = sites.getFirst();
        String pipeline = Wiring.name(replication, source, first);
        if (sites.stream()
                .anyMatch(site -> hasBegun(Wiring.name(replication, site, first), first))) {
            return Optional.empty();
        }
        return sites.stream()
                .filter(site -> !site.equals(first) && !site.equals(source))
                .filter(site -> !isBeingFilled(site))
                .findFirst()
                .map(site -> "%s is being filled, before %s begins".formatted(site, pipeline));
    }

    private boolean isBeingFilled(String site) {
        try (TargetDatabase target = targets.apply(site)) {
            return target.checkpoint(Wiring.name(replication, sites.getFirst(), site))
                    .filter(checkpoint -> checkpoint.phase() != Phase.NEW)
                    .isPresent();
        }
    }

    /** To which sites the first one does not write yet; empty where it does to all. */
    static Optional<String> unfilled(Map<String, CountDownLatch> filled) {
        String names =
                filled.entrySet().stream()
                        .filter(site -> site.getValue().getCount() > 0)
                        .map(Map.Entry::getKey)
                        .sorted()
                        .collect(Collectors.joining(" and "));
        return names.isEmpty()
                ? Optional.empty()
                : Optional.of("the first site's changes flow to " + names);
    }

    private boolean hasJoined(String site) {
        try (TargetDatabase there = targets.apply(site)) {
            return there.checkpoint(joiningOf(replication, site)).isPresent()
                    && hasBegun(Wiring.name(replication, sites.getFirst(), site), site);
        }
    }

    private String names() {
        return sites.stream().sorted().collect(Collectors.joining(", "));
    }

    private boolean hasBegun(String pipeline, String target) {
        try (TargetDatabase site = targets.apply(target)) {
            return site.checkpoint(pipeline)
                    .filter(checkpoint -> checkpoint.phase() == Phase.STREAMING)
                    .isPresent();
        }
    }

    /** The end of a site's log by now. */
    private SourcePosition end(String site, String reader) {
        try (SourceDatabase source = sources.apply(site);
                SourceProbe probe = source.probe(Wiring.name(replication, site, reader))) {
            probe.heartbeat();
            return probe.read().position();
        }
    }

    /** Where a site's log is read for the first time, and what is known there. */
    synchronized ReadingPoint begin(String source, SourcePosition position) {
        try (TargetDatabase site = targets.apply(source)) {
            // Of what the site itself wrote before, nobody is waited for: it came with the copy.
            Seen seen = Seen.NOTHING.with(new Version(HybridTimestamp.ZERO, new Origin(source)));
            HybridTimestamp applied = HybridTimestamp.ZERO;
            for (Map.Entry<Origin, HybridTimestamp> other : reached(site, source).entrySet()) {
                seen = seen.with(new Version(other.getValue(), other.getKey()));
                applied = applied.max(other.getValue());
            }
            agree(site, source, position, applied);
            return new ReadingPoint(position, applied, VersionText.of(seen));
        }
    }

    /** Up to when the other sites' changes are at one. */
    Map<Origin, HybridTimestamp> reached(String target) {
        try (TargetDatabase site = targets.apply(target)) {
            return reached(site, target);
        }
    }

    private Map<Origin, HybridTimestamp> reached(TargetDatabase site, String target) {
        Map<Origin, HybridTimestamp> reached = new HashMap<>();
        for (String other : sites) {
            site.checkpoint(Wiring.name(replication, other, target))
                    .map(Checkpoint::clock)
                    .ifPresent(upTo -> reached.put(new Origin(other), upTo));
        }
        return reached;
    }

    private void agree(
            TargetDatabase site, String source, SourcePosition position, HybridTimestamp applied) {
        HybridTimestamp latest = applied.max(HybridTimestamp.ZERO.next(clock.instant()));
        for (LocalLog reader : readers.apply(source)) {
            latest = latest.max(reader.clock());
        }
        HybridTimestamp agreed = new HybridTimestamp(latest.micros() + AHEAD_MICROS, 0);
        Checkpoint claim =
                site.claim(
                        clockOf(replication, source),
                        Holder.named("process " + ProcessHandle.current().pid()));
        try (TargetSession session = site.session(claim, STATEMENT)) {
            Instant now = clock.instant();
            session.commit(claim.of(names()).at(position, now).in(Phase.STREAMING).stamped(agreed));
        }
    }
}
