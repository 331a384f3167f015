package io.sluice.gateway.sites;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.Origin;
import io.sluice.change.Row;
import io.sluice.change.RowChange;
import io.sluice.change.TableSchema;
import io.sluice.conflict.Conflict;
import io.sluice.conflict.Decision;
import io.sluice.conflict.Incoming;
import io.sluice.conflict.OwnWrites;
import io.sluice.conflict.Recollection;
import io.sluice.conflict.RowVersion;
import io.sluice.conflict.Settlement;
import io.sluice.conflict.SharedRecollection;
import io.sluice.conflict.Standing;
import io.sluice.conflict.TablePolicy;
import io.sluice.conflict.VersionText;
import io.sluice.connectors.spi.ConflictRecord;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.SiteSession;
import io.sluice.connectors.spi.SiteSession.RowName;
import io.sluice.connectors.spi.SiteSession.StoredVersion;
import io.sluice.gateway.apply.RacedException;
import io.sluice.gateway.apply.RowJson;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Settles rows one by one, of which each is locked, and writes what they come to. Used by one
 * thread.
 */
final class RowVerdicts {

    private final SiteSession session;
    private final SettledRows writer;
    private final Origin site;
    private final Origin peer;
    private final Function<TableSchema, TablePolicy> policies;

    /** Whether others apply here who may not know of what was no conflict to this one. */
    private final boolean keepsAll;

    /**
     * What came of rows.
     *
     * @param changed those that are another row now, or have another tombstone
     * @param asked the site's own writes of each, as they were known when it was decided on
     */
    record Verdicts(
            List<ConflictRecord> conflicts,
            Set<RowKey> changed,
            Map<RowKey, Optional<OwnWrites>> asked) {}

    /**
     * @param keep whether the next change that meets the row has to know of this
     */
    private record Settled(Standing standing, boolean keep) {}

    /** Rows that this transaction has written; others see them only once it is committed. */
    private Map<RowKey, Standing> written = new HashMap<>();

    RowVerdicts(
            SiteSession session,
            SettledRows writer,
            LocalLog local,
            Function<TableSchema, TablePolicy> policies,
            boolean keepsAll) {
        this.session = session;
        this.writer = writer;
        this.site = local.site();
        this.peer = local.peer();
        this.policies = policies;
        this.keepsAll = keepsAll;
    }

    /** Whether this transaction has settled the row before. */
    boolean knows(RowKey row) {
        return written.containsKey(row);
    }

    /** Whether this transaction has settled the row, and it stands. */
    boolean leavesStanding(RowKey row) {
        Standing standing = written.get(row);
        return standing != null && standing.row().isPresent();
    }

    Map<RowKey, Standing> mark() {
        return new HashMap<>(written);
    }

    void backTo(Map<RowKey, Standing> mark) {
        written = new HashMap<>(mark);
    }

    /**
     * @param rows of which each is locked or does not stand
     * @param standing those that stand
     * @param unseen what the site itself wrote to them
     * @param decided up to when the site's log is known
     */
    Verdicts settle(
            Collection<TouchedRow> rows,
            Function<RowKey, Boolean> standing,
            Function<RowKey, Optional<OwnWrites>> unseen,
            HybridTimestamp decided) {
        Map<RowKey, RowName> names = new LinkedHashMap<>();
        Map<RowKey, String> keys = new HashMap<>();
        for (TouchedRow row : rows) {
            String key = row.keyText();
            keys.put(row.name, key);
            names.put(row.name, new RowName(row.table.table(), RowJson.hash(key)));
        }
        Map<RowName, StoredVersion> stored = session.versions(names.values());
        List<ConflictRecord> conflicts = new ArrayList<>();
        List<StoredVersion> kept = new ArrayList<>();
        Set<RowKey> changed = new HashSet<>();
        Map<RowKey, Optional<OwnWrites>> asked = new HashMap<>();
        for (TouchedRow row : rows) {
            RowName name = Objects.requireNonNull(names.get(row.name));
            String key = Objects.requireNonNull(keys.get(row.name));
            Optional<OwnWrites> own = unseen.apply(row.name);
            asked.put(row.name, own);
            Optional<Recollection.Verdict> verdict = verdict(stored.get(name));
            Recollection known = new Recollection(site, peer, own, verdict);
            TablePolicy policy = policies.apply(row.table);
            SharedRecollection shared =
                    keepsAll && policy.asksHistory()
                            ? new SharedRecollection(site, peer, policy, own, verdict)
                            : null;
            Standing before = written.get(row.name);
            if (before == null) {
                Optional<Row> found = found(row, known, standing.apply(row.name));
                before = shared == null ? known.standing(found) : shared.standing(found);
            }
            Settled settled =
                    settle(
                            row,
                            known,
                            before,
                            each ->
                                    conflicts.add(
                                            record(
                                                    name,
                                                    key,
                                                    each.conflict().orElseThrow(),
                                                    each.decision())));
            Standing after = settled.standing();
            writer.become(row.table, before.row(), after.row());
            written.put(row.name, after);
            if (!after.equals(before)) {
                changed.add(row.name);
            }
            if ((keepsAll || settled.keep()) && after.version().isPresent()) {
                RowVersion version = after.version().get();
                String text =
                        VersionText.of(shared == null ? version : shared.toKeep(version, decided));
                kept.add(new StoredVersion(name, key, text, decided));
            }
        }
        writer.flush();
        session.keep(kept);
        return new Verdicts(conflicts, changed, asked);
    }

    private static Optional<Recollection.Verdict> verdict(@Nullable StoredVersion stored) {
        return Optional.ofNullable(stored)
                .map(
                        kept ->
                                new Recollection.Verdict(
                                        VersionText.rowVersion(kept.version()), kept.decided()));
    }

    private Optional<Row> found(TouchedRow row, Recollection known, boolean stands) {
        if (!stands) {
            if (known.requiresRow(row.first().seen())) {
                throw new RacedException(
                        row.table.table()
                                + ": a row was deleted and made again while it was being locked.");
            }
            return Optional.empty();
        }
        Optional<Row> found = session.find(row.table, row.key);
        if (found.isEmpty()) {
            throw new RacedException(
                    row.table.table() + ": a row came while it was being decided on.");
        }
        return found;
    }

    private Settled settle(
            TouchedRow row, Recollection known, Standing before, Consumer<Settlement> conflicts) {
        TablePolicy policy = policies.apply(row.table);
        Standing standing = before;
        boolean keep = false;
        for (TouchedRow.Step step : row.steps) {
            Incoming incoming = step.incoming();
            Settlement settlement =
                    policy.settle(incoming, known.towards(incoming, standing), site);
            if (settlement.decision() instanceof Decision.Stop stop) {
                throw new ConnectorException(
                        ErrorClass.FATAL,
                        "%s: the policy stops at a conflict (%s, %s). Make the row the same at both sites, or choose another policy, and restart the pipeline."
                                .formatted(
                                        row.table.table(),
                                        settlement
                                                .conflict()
                                                .map(conflict -> conflict.kind().toString())
                                                .orElse("none"),
                                        stop.reason()));
            }
            if (settlement.conflict().isPresent()) {
                conflicts.accept(settlement);
            }
            keep |= known.isToBeKept(incoming, settlement);
            standing = settlement.after();
        }
        return new Settled(standing, keep);
    }

    private static ConflictRecord record(
            RowName name, String key, Conflict conflict, Decision decision) {
        TableSchema table = conflict.table();
        return new ConflictRecord(
                0,
                name,
                key,
                conflict.kind().toString(),
                resolution(decision),
                decision.reason(),
                operation(conflict.incoming().change()),
                VersionText.of(conflict.incoming().version()),
                conflict.current().map(VersionText::of).orElse(null),
                conflict.incoming().after().map(row -> RowJson.values(table, row)).orElse(null),
                conflict.standing().row().map(row -> RowJson.values(table, row)).orElse(null),
                null);
    }

    private static String resolution(Decision decision) {
        return switch (decision) {
            case Decision.Apply apply -> "apply";
            case Decision.Keep keep -> "keep";
            case Decision.Merge merge -> "merge";
            case Decision.Park park -> "park";
            case Decision.Stop stop -> "stop";
        };
    }

    private static String operation(RowChange change) {
        return switch (change) {
            case RowChange.Insert insert -> "insert";
            case RowChange.Update update -> "update";
            case RowChange.Delete delete -> "delete";
        };
    }
}
