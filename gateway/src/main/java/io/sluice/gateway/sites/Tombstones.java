package io.sluice.gateway.sites;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.Origin;
import io.sluice.conflict.Seen;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.SiteSession;
import io.sluice.gateway.sites.SiteMemory.Moment;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bounds how long the versions of a site's rows are kept for another one that is away. Shared by
 * all who apply at the site. Thread-safe.
 *
 * <p>Now and then a moment of the site's log is remembered in the site itself, with all that the
 * site had by then. Once a moment is older than {@code tombstones}, and some site has been away
 * ever since, what was kept by then is forgotten, as soon as those who were there have seen it. In
 * the same transaction it is remembered up to where, and from then on a change whose site had not
 * seen that is refused: whether it was in conflict cannot be told any more.
 *
 * <p>A site that is there is never refused. What it has not seen though it is there keeps
 * everything; but for the writes of those that are away, for these may never come to it.
 */
public final class Tombstones {

    private static final Logger LOG = LoggerFactory.getLogger(Tombstones.class);

    /** Into so many parts the time is divided: how exactly it is kept. */
    private static final int PARTS = 32;

    private static final Duration LONGEST_ROUND = Duration.ofMinutes(10);

    /** Of a longer silence no more is counted: the site itself may have been away. */
    private static final Duration LONGEST_SILENCE = Duration.ofMinutes(1);

    private static final Duration WARNING = Duration.ofHours(1);

    private final Origin site;
    private final Duration keep;
    private final Duration interval;
    private final Arrivals arrivals;
    private final InstantSource clock;
    private final LongSupplier nanos;
    private final Consumer<String> warnings;

    // Guarded by this.
    private Duration unsaved = Duration.ZERO;
    private long heard;
    private long lastRound;
    private @Nullable Long warned;

    /**
     * What one transaction does about it.
     *
     * @param taken what was watched since the last time
     * @param forgotten whether something was forgotten that not all have seen
     */
    record Round(Duration taken, SiteMemory memory, boolean forgotten) {}

    /**
     * @param keep how long
     */
    public Tombstones(Origin site, Duration keep, Arrivals arrivals) {
        this(site, keep, arrivals, InstantSource.system(), System::nanoTime, LOG::warn);
    }

    Tombstones(
            Origin site,
            Duration keep,
            Arrivals arrivals,
            InstantSource clock,
            LongSupplier nanos,
            Consumer<String> warnings) {
        this.site = site;
        this.keep = keep;
        Duration part = keep.dividedBy(PARTS);
        this.interval = part.compareTo(LONGEST_ROUND) < 0 ? part : LONGEST_ROUND;
        this.arrivals = arrivals;
        this.clock = clock;
        this.nanos = nanos;
        this.warnings = warnings;
        this.heard = nanos.getAsLong();
        this.lastRound = heard;
    }

    /** Something has come to the site. */
    synchronized void heard() {
        long now = nanos.getAsLong();
        Duration silence = Duration.ofNanos(now - heard);
        unsaved = unsaved.plus(silence.compareTo(LONGEST_SILENCE) < 0 ? silence : LONGEST_SILENCE);
        heard = now;
    }

    /**
     * Remembers a moment and forgets what is too old, in a transaction while nobody else applies
     * here.
     *
     * @param decided the time of the site's log
     * @param seen all that what is kept by now is of
     * @return empty where it is too early
     */
    synchronized Optional<Round> round(SiteSession session, HybridTimestamp decided, Seen seen) {
        long now = nanos.getAsLong();
        if (now - lastRound < interval.toNanos()) {
            return Optional.empty();
        }
        SiteMemory memory =
                SiteMemory.of(session.memory())
                        .after(unsaved, arrivals.flowing())
                        .without(arrivals::isSeenByAll)
                        .with(decided, seen, keep.dividedBy(PARTS));
        Optional<Moment> old = tooOld(memory);
        if (old.isPresent()) {
            memory = memory.forgetting(old.get());
            session.forget(old.get().decided());
        }
        session.remember(memory.stored());
        Round round = new Round(unsaved, memory, old.isPresent());
        unsaved = Duration.ZERO;
        lastRound = now;
        return Optional.of(round);
    }

    /** The last that may be forgotten by its age. */
    private Optional<Moment> tooOld(SiteMemory memory) {
        return memory.moments().stream()
                .filter(moment -> memory.age(moment).compareTo(keep) >= 0)
                .filter(moment -> isSeenByAllWhoAreThere(memory, moment))
                .reduce((earlier, later) -> later);
    }

    private boolean isSeenByAllWhoAreThere(SiteMemory memory, Moment moment) {
        Set<Origin> away = memory.awaySince(moment);
        Set<Origin> lacking = arrivals.lacking(memory.required(moment));
        return !away.isEmpty() && away.containsAll(lacking);
    }

    /** It is durable. */
    synchronized void done(Round round) {
        SiteMemory memory = round.memory();
        Optional<Moment> oldest = memory.oldest();
        if (oldest.isEmpty()
                || memory.age(oldest.get()).compareTo(keep.dividedBy(2)) < 0 && !round.forgotten()
                || warned != null && nanos.getAsLong() - warned < WARNING.toNanos()) {
            return;
        }
        Set<Origin> away = memory.awaySince(oldest.get());
        away.retainAll(arrivals.lacking(oldest.get().seen())); // not one that takes no more part
        Set<Origin> behind = arrivals.lacking(memory.required(oldest.get()));
        Set<Origin> who = away.isEmpty() ? behind : away;
        if (who.isEmpty()) {
            return;
        }
        warned = nanos.getAsLong();
        warnings.accept(
                "%s has not heard from %s for %s that it has seen what came here, and keeps the versions of all rows that were written since. %s"
                        .formatted(
                                site,
                                names(who),
                                text(round.forgotten() ? keep : memory.age(oldest.get())),
                                away.isEmpty()
                                        ? "They are kept until then, for it is not away: look at the pipelines between it and the others. A MySQL site tells it with what it writes itself."
                                        : fate(who, round.forgotten())));
    }

    private String fate(Set<Origin> who, boolean forgotten) {
        return forgotten
                ? "Those that are older than `tombstones` (%s) are forgotten: what %s wrote without having seen them is refused."
                        .formatted(text(keep), names(who))
                : "After `tombstones` (%s) they are forgotten, and what %s wrote without having seen them is refused: bring it back before, or take it out of `between`."
                        .formatted(text(keep), names(who));
    }

    /** It was undone. */
    synchronized void undone(Round round) {
        unsaved = unsaved.plus(round.taken());
        lastRound = nanos.getAsLong() - interval.toNanos();
    }

    /**
     * @param forgotten as it stands while nobody else applies here
     * @throws ConnectorException FATAL if a change's site had not seen what is forgotten
     */
    void require(Seen forgotten, Stamp stamp) {
        Origin source = stamp.version().origin();
        for (Map.Entry<Origin, HybridTimestamp> each : forgotten.upTo().entrySet()) {
            Origin other = each.getKey();
            HybridTimestamp had = stamp.seen().upTo().getOrDefault(other, HybridTimestamp.ZERO);
            if (!other.equals(source) && had.compareTo(each.getValue()) < 0) {
                throw new ConnectorException(
                        ErrorClass.FATAL,
                        "%1$s was away for longer than `tombstones` (%2$s): it wrote something at %3$s and had the changes of %4$s up to %5$s, while %6$s has forgotten the versions of rows up to %7$s of these. So nobody can tell what it is in conflict with, and nothing of it is applied. Take %1$s out of `between`, drop its slots, and copy it again, see docs/modes.md; what it wrote last may stand there alone, or at some sites and not at others."
                                .formatted(
                                        source,
                                        text(keep),
                                        instant(stamp.version().at()),
                                        other,
                                        since(had),
                                        site,
                                        instant(each.getValue())));
            }
        }
    }

    private String since(HybridTimestamp had) {
        if (had.equals(HybridTimestamp.ZERO)) {
            return "no time at all";
        }
        Duration away = Duration.between(instant(had), clock.instant());
        return "%s, %s ago".formatted(instant(had), text(away));
    }

    private static Instant instant(HybridTimestamp time) {
        return Instant.EPOCH.plus(time.micros(), ChronoUnit.MICROS).truncatedTo(ChronoUnit.SECONDS);
    }

    /** In days and hours, or less where it is less. */
    private static String text(Duration duration) {
        if (duration.toHours() >= 1) {
            return "%d d %d h".formatted(duration.toDays(), duration.toHoursPart());
        }
        return duration.toMinutes() >= 1
                ? duration.toMinutes() + " min"
                : duration.toSeconds() + " s";
    }

    private static String names(Set<Origin> sites) {
        Set<String> names = new TreeSet<>();
        sites.forEach(each -> names.add(each.name()));
        return String.join(" and ", names);
    }
}
