package io.sluice.gateway.keybased;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What sweeps have found since the gateway started.
 *
 * @param asOf when the oldest of the tables' last whole sweeps began: deletes until then are on the
 *     target; null where deletes are not looked for
 * @param ranges that were compared
 * @param differing of them
 * @param deleted rows that the source no longer has
 * @param written rows that differed, or were not on the target yet
 */
public record SweepCounts(
        @Nullable Instant asOf, long ranges, long differing, long deleted, long written) {

    public static final SweepCounts NONE = new SweepCounts(null, 0, 0, 0, 0);

    SweepCounts plus(long moreRanges, long moreDiffering, long moreDeleted, long moreWritten) {
        return new SweepCounts(
                asOf,
                ranges + moreRanges,
                differing + moreDiffering,
                deleted + moreDeleted,
                written + moreWritten);
    }

    SweepCounts as(Instant newAsOf) {
        return new SweepCounts(newAsOf, ranges, differing, deleted, written);
    }
}
