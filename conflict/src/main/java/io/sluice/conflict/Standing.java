package io.sluice.conflict;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.Row;
import java.util.Optional;

/**
 * The row as it stands where a change arrives.
 *
 * @param row whole; empty where there is none
 * @param version of the row, or its tombstone; empty where nothing is known of such a row
 */
public record Standing(Optional<Row> row, Optional<RowVersion> version) {

    public static final Standing NOTHING = new Standing(Optional.empty(), Optional.empty());

    public Standing {
        if (row.isPresent() != version.filter(known -> !known.deleted()).isPresent()) {
            throw new IllegalArgumentException("a row has a version, a tombstone has no row");
        }
        if (row.isPresent() && !row.get().isWhole()) {
            throw new IllegalArgumentException("a standing row is known whole");
        }
    }

    public static Standing of(Row row, RowVersion version) {
        return new Standing(Optional.of(row), Optional.of(version));
    }

    public static Standing grave(RowVersion tombstone) {
        return new Standing(Optional.empty(), Optional.of(tombstone));
    }

    /** The same, of a run that began at another time. */
    Standing since(HybridTimestamp since) {
        return new Standing(
                row,
                version.map(
                        v ->
                                new RowVersion(
                                        v.born(),
                                        v.last(),
                                        since,
                                        v.life(),
                                        v.deleted(),
                                        v.marks())));
    }

    /** The tombstone, if the row was deleted. */
    public Optional<RowVersion> tombstone() {
        return version.filter(RowVersion::deleted);
    }
}
