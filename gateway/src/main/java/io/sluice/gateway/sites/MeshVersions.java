package io.sluice.gateway.sites;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.Origin;
import io.sluice.change.TableSchema;
import io.sluice.conflict.RowVersion;
import io.sluice.conflict.Seen;
import io.sluice.conflict.SharedRecollection;
import io.sluice.conflict.TablePolicy;
import io.sluice.conflict.VersionText;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.SiteSession;
import io.sluice.connectors.spi.SiteSession.RowName;
import io.sluice.connectors.spi.SiteSession.StoredVersion;
import io.sluice.gateway.apply.RowJson;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The versions of all rows that are applied at a site, where several others apply: what one of them
 * brings may be unknown to the next. Used by one thread.
 *
 * <p>They are kept along with the rows, so they are there after any death, and need no word of a
 * site that cannot be reached.
 */
final class MeshVersions {

    private final SiteSession session;
    private final Arrivals arrivals;
    private final Tombstones tombstones;
    private final Origin source;
    private final LocalLog local;
    private final Function<TableSchema, TablePolicy> policies;
    private @Nullable TableSchema policyOf;
    private @Nullable TablePolicy policy;
    private @Nullable Moment moment;
    private Tombstones.@Nullable Round round;
    private Map<RowKey, RowVersion> known = new HashMap<>();
    private final Reversible<RowKey, Kept> toKeep = new Reversible<>();

    /** A version that is not written yet. */
    private record Kept(RowName name, String key, RowVersion version, TablePolicy policy) {}

    /** What the site's own log had told while nobody else applied here. */
    private record Moment(HybridTimestamp decided, Seen seen) {}

    MeshVersions(SiteSession session, SiteSide.Mesh mesh, SiteSide side) {
        this.session = session;
        this.arrivals = mesh.arrivals();
        this.tombstones = mesh.tombstones();
        this.source = side.source().site();
        this.local = side.target();
        this.policies = side.policies();
    }

    /** Lets nobody else apply here until the transaction ends. Before any row is locked. */
    void begin() {
        local.need(true); // whoever holds it may wait for what this way reads
        try {
            session.alone();
        } finally {
            local.need(false);
        }
    }

    /**
     * Asks for what is kept of these rows.
     *
     * @throws ConnectorException FATAL if a change may be in conflict with what is forgotten
     */
    void ask(Collection<TouchedRow> rows) {
        Seen forgotten = VersionText.seen(session.forgotten());
        rows.forEach(row -> row.steps.forEach(step -> tombstones.require(forgotten, step.stamp())));
        Map<RowName, RowKey> names = new HashMap<>();
        rows.forEach(row -> names.put(name(row, row.keyText()), row.name));
        known = new HashMap<>();
        session.versions(names.keySet())
                .forEach(
                        (name, stored) -> {
                            RowKey row = names.get(name);
                            if (row != null) {
                                known.put(row, VersionText.rowVersion(stored.version()));
                            }
                        });
    }

    /** Whether another site wrote it who may be unknown to that of the change. */
    boolean isUnseenBy(TouchedRow row) {
        RowVersion version = known.get(row.name);
        return version != null
                && SharedRecollection.isUnseen(policy(row.table), version, row.first().seen());
    }

    /** Of many rows of one table, one after the other. */
    private TablePolicy policy(TableSchema table) {
        TablePolicy known = policy;
        if (known == null || table != policyOf) {
            known = policies.apply(table);
            policy = known;
            policyOf = table;
        }
        return known;
    }

    /**
     * Rows are being written.
     *
     * @param decided those that were decided on, whose versions are kept already; the others are
     *     written as their changes say
     */
    void note(Collection<TouchedRow> rows, Set<RowKey> decided) {
        if (!decided.isEmpty()) {
            // The log was waited for. There may be nothing else to be kept, or confirmed.
            moment = new Moment(local.clock(), local.seen());
        }
        List<Kept> asked = new ArrayList<>();
        for (TouchedRow row : rows) {
            Kept earlier = decided.contains(row.name) ? toKeep.remove(row.name) : null;
            if (earlier != null && earlier.policy().asksHistory()) {
                asked.add(earlier); // what is decided on next is asked for with what came before
            }
            if (!decided.contains(row.name)) {
                write(row);
            }
        }
        keep(asked, local.clock());
    }

    private void write(TouchedRow row) {
        TablePolicy policy = policy(row.table);
        Kept earlier = toKeep.get(row.name);
        String key = earlier == null ? row.keyText() : earlier.key();
        RowName name = earlier == null ? name(row, key) : earlier.name();
        toKeep.put(row.name, new Kept(name, key, version(row, policy, earlier), policy));
    }

    private RowVersion version(TouchedRow row, TablePolicy policy, @Nullable Kept earlier) {
        if (!policy.asksHistory()) {
            return SharedRecollection.followed(
                    policy, Optional.empty(), row.steps.getLast().incoming());
        }
        Optional<RowVersion> version =
                Optional.ofNullable(earlier == null ? known.get(row.name) : earlier.version());
        for (TouchedRow.Step step : row.steps) {
            version = Optional.of(SharedRecollection.followed(policy, version, step.incoming()));
        }
        return version.orElseThrow();
    }

    boolean isEmpty() {
        return toKeep.isEmpty();
    }

    /**
     * Keeps what was written.
     *
     * @param decided up to when the site's own log was known when it was asked for these rows
     */
    void keep(HybridTimestamp decided) {
        moment = new Moment(decided, local.seen());
        keep(toKeep.values(), decided);
        toKeep.removeIf(kept -> true);
    }

    private void keep(Collection<Kept> rows, HybridTimestamp decided) {
        List<StoredVersion> versions = new ArrayList<>();
        for (Kept kept : rows) {
            RowVersion version =
                    new SharedRecollection(
                                    local.site(),
                                    source,
                                    kept.policy(),
                                    Optional.empty(),
                                    Optional.empty())
                            .toKeep(kept.version(), decided);
            versions.add(
                    new StoredVersion(kept.name(), kept.key(), VersionText.of(version), decided));
        }
        session.keep(versions);
    }

    /**
     * @param last of what is about to be committed
     * @param due whether what need not be done with each commit is done with this one
     */
    void committing(Stamp last, boolean due) {
        Moment now = moment;
        if (!due || now == null) {
            return;
        }
        Seen seen = now.seen().with(last.version());
        arrivals.noted(now.decided(), seen);
        arrivals.settled().ifPresent(session::forget);
        round = tombstones.round(session, now.decided(), seen).orElse(null);
    }

    void committed(Stamp last) {
        arrivals.durable(source, last);
        tombstones.heard();
        Tombstones.Round done = round;
        round = null;
        if (done != null) {
            tombstones.done(done);
        }
    }

    void mark() {
        toKeep.mark();
    }

    void backToMark() {
        toKeep.backToMark();
        moment = null;
    }

    void clear() {
        toKeep.clear();
        moment = null;
        Tombstones.Round undone = round;
        round = null;
        if (undone != null) {
            tombstones.undone(undone);
        }
    }

    static RowName name(TouchedRow row, String key) {
        return new RowName(row.table.table(), RowJson.hash(key));
    }
}
