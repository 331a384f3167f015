package io.sluice.gateway.sites;

import io.sluice.change.HybridTimestamp;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.Checkpoint.Phase;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.Holder;
import io.sluice.connectors.spi.SourceDatabase;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TargetDatabase;
import io.sluice.connectors.spi.TargetSession;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * How a site joins others that write already, for the pipeline that fills it.
 *
 * <p><b>What the new site needs</b> is the first one's rows as of one moment, and of every other
 * member the log from the very change on that the first one lacked then. Both are told by the first
 * site's own transactions: each brought rows, their versions, a checkpoint and a reading point of
 * its pipeline as one. So the moment's snapshot says all of it. What it does not say is which rows
 * the first site wrote itself, and when: that is in its log alone. Hence the order:
 *
 * <ol>
 *   <li>The first site begins to keep its log for the new one, and the new reader agrees with the
 *       others on a time in it.
 *   <li>Every other member begins to keep its log ({@link MemberLogs}).
 *   <li>A moment is awaited at which the first site had got, from every member, changes from beyond
 *       the beginning of that log, made by who had seen the agreed time ({@link Joined#at}). What
 *       comes from there later has seen all that the first site wrote before that time.
 *   <li>That moment is copied; then the first site's log is heard from its beginning up to the
 *       moment, for the versions of what was written meanwhile ({@link JoinedVersions}); where rows
 *       are of many writes, from the agreed time on, and put together with what the first site kept
 *       of others' ({@link JoinedParts}).
 *   <li>All pipelines to the new site begin with one commit there.
 * </ol>
 *
 * <p><b>That a site joins</b> is noted there before anything is copied, and stays noted: who has
 * joined has all that those before it were filled with. A join that was cut off begins anew, with
 * new logs and a new moment: versions of two moments would not tell which of two writes a row is
 * of.
 *
 * <p>Used by one thread, but for {@link #isUnderWay}.
 */
public final class Joining {

    static final Duration STATEMENT = Duration.ofMinutes(1);

    private final String site;
    private final String first;
    private final List<String> others;
    private final int before;
    private final Names names;
    private final Databases databases;
    private final Supplier<LocalLog> reader;
    private volatile boolean underWay;

    /** What things of the replication are called. */
    public interface Names {

        String pipeline(String source, String target);

        /** Under which a site's versions are kept, and its readers agree. */
        String mark(String site);

        /** Under which a site notes that it joins. */
        String joining(String site);
    }

    /** How sites are reached; each is closed by who asked. */
    public interface Databases {

        SourceDatabase source(String site);

        TargetDatabase target(String site);

        /** Those tables of a site that the new one is to get. */
        List<TableDefinition> tables(String site, SourceDatabase source);
    }

    /**
     * @param sites in the configuration's order, of which the first fills the others
     * @param reader makes a reader of the first site's log that shares nothing with another
     */
    public Joining(
            String site,
            List<String> sites,
            Names names,
            Databases databases,
            Supplier<LocalLog> reader) {
        this.site = site;
        this.first = sites.getFirst();
        this.others =
                sites.stream().filter(each -> !each.equals(site) && !each.equals(first)).toList();
        this.before = sites.indexOf(site) - 1;
        this.names = names;
        this.databases = databases;
        this.reader = reader;
    }

    /** Whether the site is to join others that write already; else it is filled as they are. */
    public boolean isDue() {
        try (TargetDatabase there = databases.target(site)) {
            Phase filled = phase(there, names.pipeline(first, site));
            if (filled == Phase.STREAMING) {
                return false;
            }
            if (there.checkpoint(names.joining(site)).isPresent()) {
                return true;
            }
            if (filled == Phase.COPYING) {
                return false; // was begun when nobody else wrote yet
            }
        }
        return !members().isEmpty();
    }

    /** The others that write to the first site. */
    private List<String> members() {
        try (TargetDatabase at = databases.target(first)) {
            return others.stream()
                    .filter(other -> phase(at, names.pipeline(other, first)) == Phase.STREAMING)
                    .toList();
        }
    }

    private static Phase phase(TargetDatabase at, String pipeline) {
        return at.checkpoint(pipeline).map(Checkpoint::phase).orElse(Phase.NEW);
    }

    /** What has to happen yet before it can join: one comes after the other, in their order. */
    public Optional<String> awaited() {
        if (!isDue()) {
            return Optional.empty();
        }
        List<String> members = members();
        return others.subList(0, before).stream()
                .filter(other -> !members.contains(other))
                .findFirst()
                .map(other -> other + " writes to " + first);
    }

    /** What `check` says of it. */
    List<Finding> findings() {
        List<String> members;
        Optional<String> hindrance;
        try {
            if (!isDue()) {
                return List.of();
            }
            members = members();
            hindrance = earlierPart();
        } catch (ConnectorException e) {
            return List.of(); // the databases' own checks say so
        }
        return hindrance
                .map(
                        reason ->
                                Finding.blocks(
                                        site,
                                        "It cannot join sites that write already: %s."
                                                .formatted(reason),
                                        "Begin a replication of all of them under another name, with empty tables at all but the first."))
                .map(List::of)
                .orElseGet(
                        () ->
                                List.of(
                                        Finding.notes(
                                                site,
                                                "It joins %s and %s, which go on writing: its tables have to be empty, are filled from %s, and may be written to when all pipelines from %s are STREAMING."
                                                        .formatted(
                                                                first,
                                                                String.join(", ", members),
                                                                first,
                                                                site))));
    }

    /**
     * A site whose log was read before. It would be read on from there: it may be another log by
     * now, or be the same and tell of whatever was done since to empty the tables.
     */
    private Optional<String> earlierPart() {
        return Stream.concat(Stream.of(first), members().stream())
                .filter(this::hasRead)
                .findFirst()
                .map(
                        other ->
                                "it was a site of this replication before, for %s has a checkpoint of %s"
                                        .formatted(other, names.pipeline(site, other)));
    }

    private boolean hasRead(String other) {
        try (TargetDatabase at = databases.target(other)) {
            return phase(at, names.pipeline(site, other)) == Phase.STREAMING;
        }
    }

    /**
     * Notes at the site that it joins.
     *
     * @throws ConnectorException FATAL if it cannot
     */
    public void begin() {
        earlierPart()
                .ifPresent(
                        hindrance -> {
                            throw new ConnectorException(
                                    ErrorClass.FATAL,
                                    "%s cannot join sites that write already: %s."
                                            .formatted(site, hindrance));
                        });
        underWay = true;
        try (TargetDatabase there = databases.target(site)) {
            Checkpoint claim = there.claim(names.joining(site), holder());
            try (TargetSession session = there.session(claim, STATEMENT)) {
                session.commit(claim.in(Phase.COPYING));
            }
        }
    }

    /** Whether this gateway has begun it. */
    public boolean isUnderWay() {
        return underWay;
    }

    /** Later than all that the first site wrote before its new reader agreed with the others. */
    public HybridTimestamp agreed() {
        try (TargetDatabase at = databases.target(first)) {
            return at.checkpoint(names.mark(first)).map(Checkpoint::clock).orElseThrow();
        }
    }

    /** Has every other member keep its log for the site, from now on. */
    public MemberLogs open() {
        return MemberLogs.open(site, first, members(), names, databases);
    }

    static Holder holder() {
        return Holder.named("process " + ProcessHandle.current().pid());
    }

    /** A reader of the first site's log, to be told from a point on. */
    public LocalLog reader() {
        return reader.get();
    }

    /** Under which the first site keeps the versions of rows. */
    public String firstMark() {
        return names.mark(first);
    }
}
