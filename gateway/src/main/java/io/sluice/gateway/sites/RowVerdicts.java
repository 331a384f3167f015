package io.sluice.gateway.sites;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.Origin;
import io.sluice.change.Row;
import io.sluice.change.RowChange;
import io.sluice.change.TableSchema;
import io.sluice.conflict.Conflict;
import io.sluice.conflict.ConflictKind;
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
    private final OwnForms forms;

    /** Whether others apply here who may not know of what was no conflict to this one. */
    private final boolean keepsAll;

    /**
     * What came of rows.
     *
     * @param changed those that are another row now, or have another tombstone
     * @param asked the site's own writes of each, as they were known when it was decided on
     * @param done what was written, each of a row as it stood here
     */
    record Verdicts(
            List<ConflictRecord> conflicts,
            Set<RowKey> changed,
            Map<RowKey, Optional<OwnWrites>> asked,
            List<OrphanWatch.Written> done) {}

    /**
     * @param keep whether the next change that meets the row has to know of this
     */
    private record Settled(Standing standing, boolean keep) {}

    /**
     * What rows are that this transaction has written, or their tombstones; others see them only
     * once it is committed. Their values are where the rows are.
     */
    private final Reversible<RowKey, Optional<RowVersion>> written = new Reversible<>();

    RowVerdicts(
            SiteSession session,
            SettledRows writer,
            LocalLog local,
            Function<TableSchema, TablePolicy> policies,
            OwnForms forms,
            boolean keepsAll) {
        this.session = session;
        this.writer = writer;
        this.site = local.site();
        this.peer = local.peer();
        this.policies = policies;
        this.forms = forms;
        this.keepsAll = keepsAll;
    }

    /** Whether this transaction has settled the row before. */
    boolean knows(RowKey row) {
        return written.containsKey(row);
    }

    /** Whether this transaction has settled the row, and it stands. */
    boolean leavesStanding(RowKey row) {
        Optional<RowVersion> version = written.get(row);
        return version != null && version.filter(known -> !known.deleted()).isPresent();
    }

    void mark() {
        written.mark();
    }

    void backToMark() {
        writer.drop();
        written.backToMark();
    }

    void clear() {
        writer.drop();
        written.clear();
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
        List<OrphanWatch.Written> done = new ArrayList<>();
        Map<RowKey, Row> found = find(rows, standing);
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
            Standing before =
                    before(
                            row,
                            known,
                            shared == null ? known::standing : shared::standing,
                            Optional.ofNullable(found.get(row.name)));
            Settled settled =
                    settle(
                            row,
                            known,
                            before,
                            each -> conflicts.add(record(name, key, policy, each)));
            Standing after = settled.standing();
            writer.become(row.table, before.row(), after.row());
            written.put(row.name, after.version());
            done(row, before, after).ifPresent(done::add);
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
        return new Verdicts(conflicts, changed, asked, done);
    }

    private static Optional<Recollection.Verdict> verdict(@Nullable StoredVersion stored) {
        return Optional.ofNullable(stored)
                .map(
                        kept ->
                                new Recollection.Verdict(
                                        VersionText.rowVersion(kept.version()), kept.decided()));
    }

    /** Reads those that stand, a table at a time. */
    private Map<RowKey, Row> find(Collection<TouchedRow> rows, Function<RowKey, Boolean> standing) {
        Map<TableSchema, List<TouchedRow>> tables = new LinkedHashMap<>();
        for (TouchedRow row : rows) {
            if (standing.apply(row.name)) {
                tables.computeIfAbsent(row.table, table -> new ArrayList<>()).add(row);
            }
        }
        Map<RowKey, Row> found = new HashMap<>();
        tables.forEach(
                (table, members) -> {
                    Map<Integer, Row> read =
                            session.find(table, members.stream().map(row -> row.key).toList());
                    if (read.size() < members.size()) {
                        throw new RacedException(
                                table.table() + ": a row came while it was being decided on.");
                    }
                    read.forEach(
                            (place, row) ->
                                    found.put(members.get(place).name, forms.standing(table, row)));
                });
        return found;
    }

    private Standing before(
            TouchedRow row,
            Recollection known,
            Function<Optional<Row>, Standing> standing,
            Optional<Row> found) {
        Optional<RowVersion> own = written.get(row.name);
        if (own != null) {
            if (found.isPresent() != leavesStanding(row.name)) {
                throw new RacedException(
                        row.table.table() + ": a row that was settled is another one by now.");
            }
            return new Standing(found, own);
        }
        if (found.isEmpty() && known.requiresRow(row.first().seen())) {
            throw new RacedException(
                    row.table.table()
                            + ": a row was deleted and made again while it was being locked.");
        }
        return standing.apply(found);
    }

    private static Optional<OrphanWatch.Written> done(
            TouchedRow row, Standing before, Standing after) {
        Optional<Row> was = before.row();
        Optional<Row> now = after.row();
        if (was.equals(now)) {
            return Optional.empty();
        }
        TableSchema table = row.table;
        RowChange change =
                now.isEmpty()
                        ? new RowChange.Delete(table, was.orElseThrow())
                        : was.isEmpty()
                                ? new RowChange.Insert(table, now.get())
                                : new RowChange.Update(table, was.get(), now.get());
        return Optional.of(new OrphanWatch.Written(change, row.steps.getLast().stamp()));
    }

    /**
     * Puts a change aside whose row another one stands in the way of, by another key than its own.
     *
     * @param own what the site itself wrote to the change's row
     * @return empty where the policy does not park it
     */
    Optional<ConflictRecord> putAside(RowChange change, Stamp stamp, Optional<OwnWrites> own) {
        TableSchema table = change.table();
        RowStep step = RowStep.of(change).getFirst();
        Optional<Row> found = Optional.ofNullable(session.find(table, List.of(step.row())).get(0));
        if (change instanceof RowChange.Insert && found.isPresent()) {
            throw new RacedException(table.table() + ": a row came while it was being inserted.");
        }
        String key = RowJson.key(table, RowKey.byName(table), step.row());
        RowName name = new RowName(table.table(), RowJson.hash(key));
        Optional<Recollection.Verdict> verdict = verdict(session.versions(List.of(name)).get(name));
        Recollection known = new Recollection(site, peer, own, verdict);
        Incoming incoming = new TouchedRow.Step(change, stamp).incoming();
        Standing standing = known.towards(incoming, known.standing(found));
        TablePolicy policy = policies.apply(table);
        Settlement settlement =
                policy.settleOtherKey(
                        change instanceof RowChange.Update
                                ? ConflictKind.UPDATE_EXISTS
                                : ConflictKind.MULTIPLE_UNIQUE_CONFLICTS,
                        incoming,
                        standing,
                        site);
        return settlement.decision() instanceof Decision.Park
                ? Optional.of(record(name, key, policy, settlement))
                : Optional.empty();
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
            RowName name, String key, TablePolicy policy, Settlement settlement) {
        Conflict conflict = settlement.conflict().orElseThrow();
        Decision decision = settlement.decision();
        Optional<Row> result =
                decision instanceof Decision.Merge ? settlement.after().row() : Optional.empty();
        TableSchema table = conflict.table();
        return new ConflictRecord(
                0,
                name,
                key,
                conflict.kind().toString(),
                resolution(decision),
                decision.reason(),
                policy.nameFor(conflict),
                operation(conflict.incoming().change()),
                VersionText.of(conflict.incoming().version()),
                conflict.current().map(VersionText::of).orElse(null),
                conflict.incoming().after().map(row -> RowJson.values(table, row)).orElse(null),
                conflict.standing().row().map(row -> RowJson.values(table, row)).orElse(null),
                result.map(row -> RowJson.values(table, row)).orElse(null),
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
