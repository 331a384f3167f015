package io.sluice.conflict.policy;

import static io.sluice.conflict.Guarantee.Need.PART_VERSIONS;
import static io.sluice.conflict.Guarantee.Need.TOMBSTONES;
import static io.sluice.conflict.Guarantee.Need.WHOLE_ROWS;

import io.sluice.change.Column;
import io.sluice.conflict.Conflict;
import io.sluice.conflict.Decision;
import io.sluice.conflict.Guarantee;
import io.sluice.conflict.MergePolicy;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Columns that only one side changed are joined; those that both changed are decided by another
 * policy. Each column has a version of its own: with the values before and after alone, three sites
 * would join the same changes differently, by the order in which they come.
 */
record ColumnMerge(MergePolicy otherwise) implements MergePolicy {

    @Override
    public Decision decide(Conflict conflict) {
        return otherwise.decide(conflict);
    }

    @Override
    public boolean dividesColumns() {
        return true;
    }

    @Override
    public boolean joinsEveryChange() {
        return otherwise.joinsEveryChange();
    }

    @Override
    public boolean decidesColumns() {
        return otherwise.decidesColumns();
    }

    @Override
    public Set<String> sites() {
        return otherwise.sites();
    }

    @Override
    public Optional<String> refuses(List<Column> columns) {
        return otherwise.refuses(columns);
    }

    @Override
    public Guarantee guarantee() {
        return Guarantee.converges(PART_VERSIONS, TOMBSTONES, WHOLE_ROWS)
                .and(otherwise.guarantee());
    }
}
