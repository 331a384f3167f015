package io.sluice.gateway.sites;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.Origin;
import io.sluice.change.RowChange;
import io.sluice.conflict.RowVersion;
import io.sluice.conflict.Seen;
import io.sluice.conflict.Version;
import io.sluice.conflict.VersionText;
import io.sluice.connectors.spi.SiteSession;
import io.sluice.connectors.spi.SiteSession.RowName;
import io.sluice.connectors.spi.SiteSession.StoredVersion;
import io.sluice.gateway.apply.RowJson;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    private final Origin source;
    private final LocalLog local;
    private @Nullable Moment moment;
    private Map<RowKey, RowVersion> known = new HashMap<>();
    private Map<RowKey, Kept> toKeep = new LinkedHashMap<>();

    /** A version that is not written yet. */
    record Kept(RowName name, String key, RowVersion version) {}

    /** What the site's own log had told while nobody else applied here. */
    private record Moment(HybridTimestamp decided, Seen seen) {}

    MeshVersions(SiteSession session, Arrivals arrivals, SiteSide side) {
        this.session = session;
        this.arrivals = arrivals;
        this.source = side.source().site();
        this.local = side.target();
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

    /** Asks for what is kept of these rows. */
    void ask(Collection<TouchedRow> rows) {
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

    /** Whether the row was written last by a change that this one's site had not seen. */
    boolean isUnseenBy(Stamp stamp, RowKey row) {
        RowVersion version = known.get(row);
        return version != null && !stamp.seen().covers(version.last());
    }

    /**
     * Rows are being written.
     *
     * @param decided those that were decided on, whose versions are kept already; the others are
     *     written as their changes say
     */
    void note(Collection<TouchedRow> rows, Set<RowKey> decided) {
        for (TouchedRow row : rows) {
            if (decided.contains(row.name)) {
                toKeep.remove(row.name);
            } else {
                write(row);
            }
        }
    }

    private void write(TouchedRow row) {
        String key = row.keyText();
        toKeep.put(row.name, new Kept(name(row, key), key, version(row)));
    }

    /** Of a row that is as its last change says. */
    static RowVersion version(TouchedRow row) {
        TouchedRow.Step last = row.steps.getLast();
        return new RowVersion(
                last.stamp().version(),
                last.stamp().version(),
                last.stamp().version().at(),
                Version.NONE,
                last.change() instanceof RowChange.Delete,
                Map.of());
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
        List<StoredVersion> versions = new ArrayList<>();
        toKeep.values()
                .forEach(
                        kept ->
                                versions.add(
                                        new StoredVersion(
                                                kept.name(),
                                                kept.key(),
                                                VersionText.of(kept.version()),
                                                decided)));
        session.keep(versions);
        toKeep.clear();
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
        Version own = new Version(now.decided(), local.site());
        arrivals.noted(now.decided(), now.seen().with(last.version()).with(own));
        arrivals.settled().ifPresent(session::forget);
    }

    void committed(Stamp last) {
        arrivals.durable(source, last);
    }

    Map<RowKey, Kept> mark() {
        return new LinkedHashMap<>(toKeep);
    }

    void backTo(Map<RowKey, Kept> mark) {
        toKeep = new LinkedHashMap<>(mark);
        moment = null;
    }

    static RowName name(TouchedRow row, String key) {
        return new RowName(row.table.table(), RowJson.hash(key));
    }
}
