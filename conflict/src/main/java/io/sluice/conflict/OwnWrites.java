package io.sluice.conflict;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.Origin;
import io.sluice.change.Row;
import io.sluice.change.RowChange;
import io.sluice.change.TableSchema;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one of two sites itself wrote to a row, as its log tells it: one write folded on the other,
 * and all that came from the peer in between left out. The peer made that in knowledge of itself,
 * so whatever arrives next from there is later; where it met one of these writes, what came of it
 * is kept as a {@link Recollection.Verdict}.
 *
 * <p>The fold may begin at any write before which the peer has seen everything: what comes then was
 * made in knowledge of the rest. Immutable.
 *
 * @param version what the row would be of, had only the site itself written it
 * @param run the times of the writes, where a policy asks which of them was the first
 */
public record OwnWrites(RowVersion version, @Nullable Run run) {

    /**
     * The same and one more write.
     *
     * @param before nothing where the peer has seen all earlier ones
     * @param acknowledged up to when the peer is known to have seen the site's writes
     * @return nothing where the policy cannot follow a row to what was written, and the peer keeps
     *     it aside
     */
    public static Optional<OwnWrites> after(
            Optional<OwnWrites> before,
            TablePolicy policy,
            RowChange change,
            Version version,
            Origin peer,
            HybridTimestamp acknowledged) {
        if (policy.dividesRows()) {
            Standing standing = standing(before, change, peer);
            Seen all = new Seen(Map.of(version.origin(), version.at(), peer, HybridTimestamp.ZERO));
            Incoming local = Incoming.local(change, version, standing, all, HybridTimestamp.ZERO);
            RowVersion written = policy.written(local, standing);
            return written.last().equals(version)
                    ? Optional.of(
                            new OwnWrites(
                                    written.without(before.map(OwnWrites::version), version), null))
                    : before;
        }
        boolean deleted = change instanceof RowChange.Delete;
        Version life =
                deleted ? version : before.map(own -> own.version.life()).orElse(Version.NONE);
        Run run =
                policy.asksSince()
                        ? Run.then(
                                before.map(OwnWrites::run).orElse(null), version.at(), acknowledged)
                        : null;
        HybridTimestamp since = run == null ? version.at() : run.first();
        return Optional.of(
                new OwnWrites(
                        new RowVersion(version, version, since, life, deleted, Map.of()), run));
    }

    /** The row before a write, with what the log has told of it. */
    private static Standing standing(Optional<OwnWrites> before, RowChange change, Origin peer) {
        Optional<RowVersion> known = before.map(OwnWrites::version);
        return switch (change) {
            case RowChange.Insert insert ->
                    known.map(row -> Standing.grave(as(row, true))).orElse(Standing.NOTHING);
            case RowChange.Update update -> stood(update.before(), update.table(), known, peer);
            case RowChange.Delete delete -> stood(delete.before(), delete.table(), known, peer);
        };
    }

    private static Standing stood(
            Row before, TableSchema table, Optional<RowVersion> known, Origin peer) {
        RowVersion version =
                known.map(row -> as(row, false)).orElseGet(() -> Recollection.unknown(peer));
        return Standing.of(before.over(nulls(table)), version);
    }

    /** The peer deleted the row, or made it again, since the site's last write. */
    private static RowVersion as(RowVersion row, boolean deleted) {
        return row.deleted() == deleted
                ? row
                : new RowVersion(
                        row.born(), row.last(), row.since(), row.life(), deleted, Map.of());
    }

    private static Row nulls(TableSchema table) {
        return Row.of(new @Nullable Object[table.columns().size()]);
    }

    /** How much is kept, in versions and times. */
    public int size() {
        return 1 + version.marks().size() + (run == null ? 0 : run.length());
    }
}
