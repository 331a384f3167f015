package io.sluice.conflict;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.Origin;
import io.sluice.change.Row;
import io.sluice.change.RowChange;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decides on groups of columns apart from each other. A row is then of many writes, so no version
 * says whether a deletion is later than the row: it is final for all that was written without
 * knowledge of it, and what is inserted in its knowledge is another row, of a later {@link
 * RowVersion#life}. The life is the newest deletion of all, wherever it was made and in whatever
 * order they came; so a change is of this life if its site had seen that deletion.
 */
final class PartSettling {

    private final List<ColumnGroup> groups;
    private final Map<ConflictKind, MergePolicy> kinds;

    PartSettling(List<ColumnGroup> groups, Map<ConflictKind, MergePolicy> kinds) {
        this.groups = List.copyOf(groups);
        this.kinds = kinds;
    }

    Settlement settle(Incoming incoming, Standing standing, Origin site) {
        Conflict conflict = RowSettling.conflict(incoming, standing, site);
        boolean known = RowSettling.isKnown(conflict);
        MergePolicy special = known ? null : kinds.get(conflict.kind());
        if (special != null) {
            return new RowSettling(special, Map.of()).settle(incoming, standing, site);
        }
        Optional<Conflict> told = known ? Optional.empty() : Optional.of(conflict);
        Version begun =
                incoming.isDelete()
                        ? incoming.version()
                        : standing.version().map(incoming::life).orElse(incoming.life());
        int life = standing.version().map(row -> begun.compareTo(row.life())).orElse(1);
        if (incoming.isDelete() && (known || life > 0)) {
            return delete(incoming, standing, told);
        }
        if (incoming.isDelete() || life < 0) {
            String what = standing.row().isEmpty() ? "deletion is final" : "this is another row";
            return keep(told, standing, "the row was deleted, and " + what);
        }
        return join(conflict, known, life > 0 || standing.row().isEmpty(), begun);
    }

    private static Settlement keep(Optional<Conflict> told, Standing standing, String reason) {
        return new Settlement(told, new Decision.Keep(reason), standing);
    }

    private static Settlement delete(
            Incoming incoming, Standing standing, Optional<Conflict> told) {
        Version tombstone = incoming.version();
        RowVersion grave =
                standing.version().orElseGet(() -> RowVersion.copied(tombstone)).grave(tombstone);
        return new Settlement(told, new Decision.Apply("deletion is final"), Standing.grave(grave));
    }

    private Settlement join(Conflict conflict, boolean known, boolean fresh, Version life) {
        Incoming incoming = conflict.incoming();
        Row after = incoming.after().orElseThrow();
        Standing base = fresh ? Standing.NOTHING : conflict.standing();
        Row whole = base.row().map(after::over).orElse(after);
        if (!whole.isWhole()) {
            return Settlement.parked(conflict, "the change lacks values of the row");
        }
        PartJoin join = new PartJoin(conflict, base, whole, born(incoming, base), life);
        for (ColumnGroup group : groups) {
            if (fresh || group.changedBy(incoming)) {
                Optional<Decision> halt = join.add(group);
                if (halt.isPresent()) {
                    return new Settlement(Optional.of(conflict), halt.get(), conflict.standing());
                }
            } else {
                join.leave(group);
            }
        }
        return join.settlement(known);
    }

    /**
     * The write that values without a mark are of. That of an update which comes before its insert
     * is not known, so it is the earliest there is, and the insert will fill it in.
     */
    private static Version born(Incoming incoming, Standing base) {
        Optional<Version> born = base.version().map(RowVersion::born);
        if (incoming.change() instanceof RowChange.Insert) {
            return born.map(incoming.version()::max).orElse(incoming.version());
        }
        return born.orElseGet(() -> new Version(HybridTimestamp.ZERO, incoming.version().origin()));
    }
}
