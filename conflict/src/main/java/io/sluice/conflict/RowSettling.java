package io.sluice.conflict;

import io.sluice.change.Origin;
import io.sluice.change.Row;
import io.sluice.change.RowChange;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Decides on rows as a whole: a row is of one write, and that write's version is the row's. */
final class RowSettling {

    private final MergePolicy policy;
    private final Map<ConflictKind, MergePolicy> kinds;

    RowSettling(MergePolicy policy, Map<ConflictKind, MergePolicy> kinds) {
        this.policy = policy;
        this.kinds = kinds;
    }

    Settlement settle(Incoming incoming, Standing standing, Origin site) {
        Conflict conflict = conflict(incoming, standing, site);
        boolean known = isKnown(conflict);
        if (known && !policy.joinsEveryChange()) {
            return follow(conflict);
        }
        MergePolicy asked = known ? policy : kinds.getOrDefault(conflict.kind(), policy);
        Decision decision = asked.decide(conflict);
        return carry(conflict, decision, known && decision instanceof Decision.Apply);
    }

    /** Whether the change was made in knowledge of what stands, or nothing does. */
    static boolean isKnown(Conflict conflict) {
        return conflict.isKnown() || isFirst(conflict.incoming(), conflict.standing());
    }

    /** What was made in knowledge of the row takes its place. */
    static Settlement follow(Conflict conflict) {
        return carry(conflict, new Decision.Apply("made in knowledge of what stood"), true);
    }

    static Conflict conflict(Incoming incoming, Standing standing, Origin site) {
        return new Conflict(
                kind(incoming, standing),
                site,
                incoming,
                standing,
                IntStream.range(0, incoming.table().columns().size()).boxed().toList(),
                standing.version().map(RowVersion::last),
                Map.of());
    }

    /** An insert where there is nothing meets no conflict. */
    private static boolean isFirst(Incoming incoming, Standing standing) {
        return standing.version().isEmpty() && incoming.change() instanceof RowChange.Insert;
    }

    private static ConflictKind kind(Incoming incoming, Standing standing) {
        boolean stands = standing.row().isPresent();
        return switch (incoming.change()) {
            case RowChange.Insert insert ->
                    stands ? ConflictKind.INSERT_EXISTS : ConflictKind.UPDATE_DELETED;
            case RowChange.Update update ->
                    stands
                            ? ConflictKind.UPDATE_ORIGIN_DIFFERS
                            : standing.version().isPresent()
                                    ? ConflictKind.UPDATE_DELETED
                                    : ConflictKind.UPDATE_MISSING;
            case RowChange.Delete delete ->
                    stands ? ConflictKind.DELETE_ORIGIN_DIFFERS : ConflictKind.DELETE_MISSING;
        };
    }

    private static Settlement carry(Conflict conflict, Decision decision, boolean known) {
        Incoming incoming = conflict.incoming();
        Standing standing = conflict.standing();
        Optional<Conflict> told = known ? Optional.empty() : Optional.of(conflict);
        return switch (decision) {
            case Decision.Apply apply when incoming.isDelete() ->
                    new Settlement(told, apply, Standing.grave(version(incoming, standing)));
            case Decision.Apply apply -> {
                Row after = incoming.after().orElseThrow();
                Row whole = standing.row().map(after::over).orElse(after);
                yield whole.isWhole()
                        ? new Settlement(
                                told, apply, Standing.of(whole, version(incoming, standing)))
                        : Settlement.parked(conflict, "the change lacks values of the row");
            }
            case Decision.Merge merge ->
                    new Settlement(
                            Optional.of(conflict),
                            merge,
                            Standing.of(merge.row(), merged(incoming, standing)));
            case Decision.Keep keep -> new Settlement(told, keep, standing);
            case Decision.Park park -> new Settlement(Optional.of(conflict), park, standing);
            case Decision.Stop stop -> new Settlement(Optional.of(conflict), stop, standing);
        };
    }

    private static RowVersion version(Incoming incoming, Standing standing) {
        Version version = incoming.version();
        boolean deleted = incoming.isDelete();
        Version life =
                deleted ? version : standing.version().map(incoming::life).orElse(incoming.life());
        return new RowVersion(version, version, incoming.since(), life, deleted, Map.of());
    }

    private static RowVersion merged(Incoming incoming, Standing standing) {
        RowVersion mine = version(incoming, standing);
        return standing.version()
                .filter(theirs -> theirs.last().compareTo(mine.last()) > 0)
                .map(
                        theirs ->
                                new RowVersion(
                                        theirs.last(),
                                        theirs.last(),
                                        theirs.since(),
                                        theirs.life().max(mine.life()),
                                        false,
                                        Map.of()))
                .orElse(mine);
    }
}
