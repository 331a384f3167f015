package io.sluice.conflict;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.Origin;
import io.sluice.change.Row;
import io.sluice.change.RowChange;
import io.sluice.change.TableSchema;
import io.sluice.conflict.Recollection.Verdict;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What one of three and more sites has to know of a row to decide on what another one brings, under
 * policies that ask for more than when it was written last.
 *
 * <p>A change's site may be ignorant of this site's own writes and of those of third sites. The
 * former are told by the log, apart for each site that brings changes, for each has seen others of
 * them ({@link OwnWrites}). The latter are kept with the row, one version for all who apply here.
 * Neither says all: who kept the version may have left out own writes, which the site that brought
 * the change had seen and a third one has not; and the log tells nothing of what third sites wrote
 * in between. So the two are put together part by part, the later write of each.
 *
 * <p>That is right if changes come in the order of their causes: whoever had seen a write had seen
 * all that its site had. Then what is left out on the one side is either on the other or was seen
 * by who asks; and what is left in of an earlier life is earlier than all that is still to come.
 *
 * <p>Of a row in parts, a kept version's {@link RowVersion#since} is the time of this site's log at
 * which its life began here: what the site itself wrote before is of a row that is no more.
 *
 * @param peer who brings the change
 * @param own what the site itself wrote that the peer has not seen
 * @param kept what was kept when somebody last applied to the row, unless all have seen that
 */
public record SharedRecollection(
        Origin site,
        Origin peer,
        TablePolicy policy,
        Optional<OwnWrites> own,
        Optional<Verdict> kept) {

    /**
     * Whether the row may hold what who had seen that much had not. A version in parts shows only
     * the latest write of each, and an earlier one may be hidden by it.
     */
    public static boolean isUnseen(TablePolicy policy, RowVersion kept, Seen seen) {
        return policy.dividesRows() || !seen.covers(kept.last());
    }

    /** The row, as it is to be decided on. */
    public Standing standing(Optional<Row> row) {
        if (own.isEmpty() && kept.isEmpty()) {
            return row.map(stands -> Standing.of(stands, Recollection.unknown(peer)))
                    .orElse(Standing.NOTHING);
        }
        boolean stands = row.isPresent();
        RowVersion version = policy.dividesRows() ? joined(stands) : latest(stands);
        return new Standing(row, Optional.of(version));
    }

    private Version life() {
        Version mine = own.map(writes -> writes.version().life()).orElse(Version.NONE);
        return kept.map(known -> known.version().life().max(mine)).orElse(mine);
    }

    /** Of a row that is of one write: the site's own are later than all that was kept before. */
    private RowVersion latest(boolean stands) {
        HybridTimestamp at = kept.map(Verdict::at).orElse(HybridTimestamp.ZERO);
        RowVersion latest =
                own.map(OwnWrites::version)
                        .filter(mine -> kept.isEmpty() || mine.last().at().compareTo(at) > 0)
                        .or(() -> kept.map(Verdict::version))
                        .orElseThrow();
        // What it has become since is the site's own work, which the peer has seen.
        Version last =
                stands && latest.deleted() ? Recollection.unknown(peer).last() : latest.last();
        return new RowVersion(last, last, latest.since(), life(), !stands, Map.of());
    }

    private RowVersion joined(boolean stands) {
        Version life = life();
        Version last = Recollection.unknown(peer).last();
        Parts parts = new Parts(last, Map.of());
        HybridTimestamp begun = HybridTimestamp.ZERO;
        if (kept.isPresent()) {
            RowVersion known = kept.get().version();
            last = last.max(known.last());
            begun = begun(known);
            boolean ofThisLife =
                    life.equals(known.life()) || kept.get().at().compareTo(life.at()) >= 0;
            if (stands && !known.deleted() && ofThisLife) {
                parts = new Parts(known.born(), decided(known, kept.get().at()));
            }
        }
        if (own.isPresent()) {
            RowVersion mine = own.get().version();
            last = last.max(mine.last());
            if (stands && !mine.deleted()) {
                Parts told = Parts.after(begun, mine, Recollection.unknown(peer).born());
                parts = parts.and(told.withoutWhatMet(parts));
            }
        }
        Version born = parts.born;
        last = last.max(born);
        return new RowVersion(born, last, last.at(), life, !stands, parts.named());
    }

    /**
     * What another site is to keep of the row that is filled with this one's rows, as they are now:
     * what this one knows towards who has seen nothing of its own writes that are told. The other
     * one has written nothing, so all that it will write itself is of the row's present life.
     *
     * <p>Right if whatever comes there from others was made in knowledge of all that this site
     * wrote before those writes; {@code peer} is this site itself then, of which all have seen
     * that.
     */
    public RowVersion handedOver() {
        if (!policy.dividesRows()) {
            return latest(stands());
        }
        RowVersion version = joined(stands());
        Map<String, Version> marks = new HashMap<>(version.marks());
        marks.keySet().removeIf(ColumnGroup::isDecided); // by this site's own log
        return new RowVersion(
                version.born(),
                version.last(),
                HybridTimestamp.ZERO,
                version.life(),
                version.deleted(),
                marks);
    }

    /** As the later one says of this site's last write and what came of a change. */
    private boolean stands() {
        HybridTimestamp at = kept.map(Verdict::at).orElse(HybridTimestamp.ZERO);
        return own.map(OwnWrites::version)
                .filter(mine -> mine.last().at().compareTo(at) > 0)
                .or(() -> kept.map(Verdict::version))
                .filter(known -> !known.deleted())
                .isPresent();
    }

    /** Since when, by this site's log, the row is of the life that it has. */
    private HybridTimestamp begun(RowVersion known) {
        return known.life().origin().equals(site) ? known.life().at() : known.since();
    }

    /**
     * What is to be kept of a row that was decided on.
     *
     * @param at up to when the site's own writes were known
     */
    public RowVersion toKeep(RowVersion after, HybridTimestamp at) {
        return policy.dividesRows() ? since(after, at) : after;
    }

    private RowVersion since(RowVersion after, HybridTimestamp at) {
        Version life = after.life();
        HybridTimestamp begun =
                life.equals(Version.NONE)
                        ? HybridTimestamp.ZERO
                        : kept.map(Verdict::version)
                                .filter(known -> known.life().equals(life))
                                .map(RowVersion::since)
                                .orElse(at);
        return new RowVersion(
                after.born(), after.last(), begun, life, after.deleted(), decided(after, at));
    }

    /** The marks, of which those that tell when a group was decided on do so. */
    private Map<String, Version> decided(RowVersion version, HybridTimestamp at) {
        Map<String, Version> marks = new HashMap<>(version.marks());
        marks.replaceAll(
                (mark, of) ->
                        ColumnGroup.isDecided(mark) && of.equals(Version.NONE)
                                ? new Version(at, site)
                                : of);
        return marks;
    }

    /**
     * The version of a row that is written as a change says, without a policy being asked: nothing
     * of it was unseen by the change's site, and nothing is missing that this one had seen.
     *
     * @param before what was noted of the row; nothing where all have seen what it was of
     */
    public static RowVersion followed(
            TablePolicy policy, Optional<RowVersion> before, Incoming incoming) {
        Version version = incoming.version();
        Version life =
                incoming.isDelete() ? version : before.map(RowVersion::life).orElse(Version.NONE);
        if (policy.dividesRows() && !incoming.isDelete()) {
            Standing standing = stood(before, incoming);
            Settlement settlement = policy.settle(incoming, standing, version.origin());
            if (!(settlement.decision() instanceof Decision.Park)) {
                return settlement.after().version().orElseThrow().without(before, version);
            }
        }
        return new RowVersion(version, version, version.at(), life, incoming.isDelete(), Map.of());
    }

    /** The row before, of which the change's site had seen everything. */
    private static Standing stood(Optional<RowVersion> before, Incoming incoming) {
        if (incoming.change() instanceof RowChange.Insert) {
            return before.map(row -> Standing.grave(grave(row))).orElse(Standing.NOTHING);
        }
        Row row = incoming.before().orElseThrow().over(nulls(incoming.table()));
        RowVersion version =
                before.filter(known -> !known.deleted())
                        .orElseGet(() -> Recollection.unknown(incoming.version().origin()));
        return Standing.of(row, version);
    }

    private static RowVersion grave(RowVersion row) {
        return new RowVersion(row.born(), row.last(), row.since(), row.life(), true, Map.of());
    }

    private static Row nulls(TableSchema table) {
        return Row.of(new @Nullable Object[table.columns().size()]);
    }

    /** Which writes the parts of a row are of; those without a mark of their own of its birth. */
    private record Parts(Version born, Map<String, Version> marks) {

        /** What is of this site's own writes after a time. */
        static Parts after(HybridTimestamp time, RowVersion own, Version unknown) {
            Map<String, Version> marks = new HashMap<>(own.marks());
            marks.values().removeIf(mark -> mark.at().compareTo(time) <= 0);
            return new Parts(own.born().at().compareTo(time) > 0 ? own.born() : unknown, marks);
        }

        /** Without the site's own writes that were known when what was kept was decided on. */
        Parts withoutWhatMet(Parts kept) {
            Map<String, Version> left = new HashMap<>(marks);
            kept.marks.forEach(
                    (mark, decided) -> {
                        if (ColumnGroup.isDecided(mark)) {
                            String group = ColumnGroup.ofDecided(mark);
                            if (of(group).at().compareTo(decided.at()) <= 0) {
                                left.put(group, Version.NONE);
                            }
                        }
                    });
            return new Parts(born, left);
        }

        private Version of(String part) {
            return marks.getOrDefault(part, ColumnGroup.isPart(part) ? Version.NONE : born);
        }

        /** The later of each. */
        Parts and(Parts other) {
            Set<String> names = new TreeSet<>(marks.keySet());
            names.addAll(other.marks.keySet());
            Map<String, Version> both = new HashMap<>();
            names.forEach(name -> both.put(name, of(name).max(other.of(name))));
            return new Parts(born.max(other.born), both);
        }

        Map<String, Version> named() {
            Map<String, Version> named = new HashMap<>(marks);
            named.entrySet()
                    .removeIf(
                            mark ->
                                    mark.getValue().equals(born)
                                            && !ColumnGroup.isPart(mark.getKey()));
            return named;
        }
    }
}
