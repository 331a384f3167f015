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
 * says whether a deletion is later than the row: it is final for the row that it deleted, and what
 * is inserted afterwards is another row, of a later {@link RowVersion#life}.
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
        boolean known = conflict.isKnown() || RowSettling.isFirst(incoming, standing);
        MergePolicy special = known ? null : kinds.get(conflict.kind());
        if (special != null) {
            return new RowSettling(special, Map.of()).settle(incoming, standing, site);
        }
        int life =
                standing.version()
                        .map(version -> incoming.life().compareTo(version.life()))
                        .orElse(1);
        Optional<Conflict> told = known ? Optional.empty() : Optional.of(conflict);
        if (life < 0) {
            return keep(told, standing, "of a row that was deleted before this one began");
        }
        if (incoming.isDelete()) {
            return delete(incoming, standing, life > 0, told);
        }
        if (life == 0 && standing.row().isEmpty()) {
            return keep(told, standing, "the row is deleted, and deletion is final");
        }
        return join(conflict, known, life > 0);
    }

    private static Settlement keep(Optional<Conflict> told, Standing standing, String reason) {
        return new Settlement(told, new Decision.Keep(reason), standing);
    }

    private static Settlement delete(
            Incoming incoming, Standing standing, boolean another, Optional<Conflict> told) {
        RowVersion grave =
                standing.version()
                        .filter(version -> !another)
                        .map(version -> version.grave(incoming.version()))
                        .orElseGet(
                                () ->
                                        new RowVersion(
                                                incoming.version(),
                                                incoming.version(),
                                                incoming.version().at(),
                                                incoming.life(),
                                                true,
                                                Map.of()));
        return new Settlement(told, new Decision.Apply("deletion is final"), Standing.grave(grave));
    }

    private Settlement join(Conflict conflict, boolean known, boolean fresh) {
        Incoming incoming = conflict.incoming();
        Row after = incoming.after().orElseThrow();
        Standing base = fresh ? Standing.NOTHING : conflict.standing();
        Row whole = base.row().map(after::over).orElse(after);
        if (!whole.isWhole()) {
            return Settlement.parked(conflict, "the change lacks values of the row");
        }
        PartJoin join = new PartJoin(conflict, base, whole, born(incoming, base));
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
        Version own =
                incoming.change() instanceof RowChange.Insert
                        ? incoming.version()
                        : new Version(HybridTimestamp.ZERO, incoming.version().origin());
        return base.version().map(RowVersion::born).map(own::max).orElse(own);
    }
}
