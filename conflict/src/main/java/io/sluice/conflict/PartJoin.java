package io.sluice.conflict;

import io.sluice.change.Row;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** Puts a row together from what stands and what comes, group by group. */
final class PartJoin {

    private final Conflict conflict;
    private final Standing base;
    private final Row incoming;
    private final Version born;
    private final Version life;
    private final @Nullable Object[] values;
    private final Map<String, Version> marks = new HashMap<>();
    private final StringJoiner reasons = new StringJoiner("; ");
    private boolean met;

    /**
     * @param base what to join with: what stands, or nothing where that is of an earlier life
     * @param incoming the row after the change, filled up with what stands
     */
    PartJoin(Conflict conflict, Standing base, Row incoming, Version born, Version life) {
        this.conflict = conflict;
        this.base = base;
        this.incoming = incoming;
        this.born = born;
        this.life = life;
        this.values = new Object[incoming.size()];
        Row start = base.row().orElse(incoming);
        for (int i = 0; i < values.length; i++) {
            values[i] = start.get(i);
        }
    }

    /** Keeps a group that the change left alone. */
    void leave(ColumnGroup group) {
        RowVersion version = base.version().orElseThrow();
        marks.put(group.name(), version.of(group.name()));
        group.parts(version).forEach((part, mark) -> marks.put(group.mark(part), mark));
        Version decided = version.marks().get(group.decided());
        if (decided != null) {
            marks.put(group.decided(), decided);
        }
    }

    /** Decides on a group; handed back is what keeps the whole change from being carried out. */
    Optional<Decision> add(ColumnGroup group) {
        Optional<Version> current = base.version().map(version -> version.of(group.name()));
        Conflict part =
                new Conflict(
                        conflict.kind(),
                        conflict.site(),
                        conflict.incoming(),
                        base,
                        group.positions(),
                        current,
                        base.version().map(group::parts).orElse(Map.of()));
        boolean known = current.isEmpty() || part.isKnown();
        met |= !known;
        Decision decision =
                known && !group.policy().joinsEveryChange()
                        ? new Decision.Apply("made in knowledge of what stood")
                        : group.policy().decide(part);
        if (!known) {
            reasons.add(group.name() + ": " + decision.reason());
        }
        return carry(group, decision, current);
    }

    private Optional<Decision> carry(
            ColumnGroup group, Decision decision, Optional<Version> current) {
        Version written =
                group.changedBy(conflict.incoming()) ? conflict.incoming().version() : born;
        switch (decision) {
            case Decision.Apply apply -> {
                group.copy(incoming, values);
                marks.put(group.name(), written);
            }
            case Decision.Merge merge -> {
                group.copy(merge.row(), values);
                marks.put(group.name(), current.map(written::max).orElse(written));
                merge.marks().forEach((part, mark) -> marks.put(group.mark(part), mark));
            }
            case Decision.Keep keep -> marks.put(group.name(), current.orElse(written));
            case Decision.Park park -> {
                return Optional.of(park);
            }
            case Decision.Stop stop -> {
                return Optional.of(stop);
            }
        }
        if (group.isByValue()) {
            marks.put(group.decided(), Version.NONE);
        }
        return Optional.empty();
    }

    Settlement settlement(boolean known) {
        Row row = Row.of(values);
        Incoming change = conflict.incoming();
        Version last =
                base.version().map(v -> v.last().max(change.version())).orElse(change.version());
        // A part that is not there has no mark by its birth, and must keep that of its removal.
        marks.entrySet()
                .removeIf(
                        mark -> mark.getValue().equals(born) && !ColumnGroup.isPart(mark.getKey()));
        RowVersion version = new RowVersion(born, last, last.at(), life, false, marks);
        boolean quiet = known && !met;
        return new Settlement(
                quiet ? Optional.empty() : Optional.of(conflict),
                decision(row, quiet),
                Standing.of(row, version));
    }

    private Decision decision(Row row, boolean quiet) {
        String reason =
                quiet
                        ? "made in knowledge of what stood"
                        : reasons.length() == 0
                                ? "no column was changed elsewhere"
                                : reasons.toString();
        if (row.equals(incoming)) {
            return new Decision.Apply(reason);
        }
        return Objects.equals(base.row().orElse(null), row)
                ? new Decision.Keep(reason)
                : new Decision.Merge(row, reason);
    }
}
