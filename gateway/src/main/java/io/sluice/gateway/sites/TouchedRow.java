package io.sluice.gateway.sites;

import io.sluice.change.Row;
import io.sluice.change.RowChange;
import io.sluice.change.TableSchema;
import java.util.ArrayList;
import java.util.List;

/** A row and what is to become of it, one change after the other. */
final class TouchedRow {

    final RowKey name;
    final TableSchema table;

    /** Whose key's values are known. */
    final Row key;

    final List<Step> steps = new ArrayList<>();

    /** A change that leaves the row its key, and what is known of its transaction. */
    record Step(RowChange change, Stamp stamp) {}

    TouchedRow(RowKey name, TableSchema table, Row key) {
        this.name = name;
        this.table = table;
        this.key = key;
    }

    void then(RowChange change, Stamp stamp) {
        steps.add(new Step(change, stamp));
    }

    /** Whether the row has to stand for the first change to follow without more ado. */
    boolean expectsRow() {
        return !(steps.getFirst().change() instanceof RowChange.Insert);
    }

    /** What the first change's site had seen; what later ones had is no less. */
    Stamp first() {
        return steps.getFirst().stamp();
    }
}
