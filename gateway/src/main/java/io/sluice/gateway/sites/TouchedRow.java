package io.sluice.gateway.sites;

import io.sluice.change.Change;
import io.sluice.change.Origin;
import io.sluice.change.Row;
import io.sluice.change.RowChange;
import io.sluice.change.TableSchema;
import io.sluice.change.Truncate;
import io.sluice.conflict.Incoming;
import io.sluice.conflict.Version;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.gateway.apply.RowJson;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A row and what is to become of it, one change after the other. */
final class TouchedRow {

    /** In the order of their keys' values, of rows of one table. */
    static final Comparator<TouchedRow> BY_KEY = TouchedRow::compare;

    final RowKey name;
    final TableSchema table;

    /** Whose key's values are known. */
    final Row key;

    final List<Step> steps = new ArrayList<>();

    /** A change that leaves the row its key, and what is known of its transaction. */
    record Step(RowChange change, Stamp stamp) {

        /** As it is to be decided on: a log does not tell after which deletion a change came. */
        Incoming incoming() {
            Version version = stamp.version();
            return new Incoming(change, version, version.at(), Version.NONE, stamp.seen());
        }
    }

    TouchedRow(RowKey name, TableSchema table, Row key) {
        this.name = name;
        this.table = table;
        this.key = key;
    }

    /**
     * All rows of the changes, in the order in which they are touched first.
     *
     * @param stamps of the changes
     * @param site where they are written
     */
    static Map<RowKey, TouchedRow> of(List<Change> changes, Stamps stamps, Origin site) {
        Map<RowKey, TouchedRow> rows = new LinkedHashMap<>();
        for (Change change : changes) {
            if (change instanceof Truncate truncate) {
                throw new ConnectorException(
                        ErrorClass.FATAL,
                        "%s was emptied by TRUNCATE, which says nothing of the rows that %s has written meanwhile. Empty it at both sites, and begin the replication anew; use DELETE from then on."
                                .formatted(truncate.tables().getFirst().table(), site));
            }
            RowChange row = (RowChange) change;
            Stamp stamp = stamps.of(change);
            for (RowStep step : RowStep.of(row)) {
                RowKey name = RowKey.of(row.table(), step.row());
                rows.computeIfAbsent(name, n -> new TouchedRow(n, row.table(), step.row()))
                        .then(step.change(), stamp);
            }
        }
        return rows;
    }

    void then(RowChange change, Stamp stamp) {
        steps.add(new Step(change, stamp));
    }

    /** The key as JSON, the same whatever the order of its columns at a site. */
    String keyText() {
        return RowJson.key(table, RowKey.byName(table), key);
    }

    /** Whether the row has to stand for the first change to follow without more ado. */
    boolean expectsRow() {
        return !(steps.getFirst().change() instanceof RowChange.Insert);
    }

    /** Whether the first change makes it and the last one leaves it there. */
    boolean isInserted() {
        return !expectsRow() && !(steps.getLast().change() instanceof RowChange.Delete);
    }

    private static int compare(TouchedRow one, TouchedRow other) {
        for (int position : one.table.key()) {
            Object first = one.key.get(position);
            Object second = other.key.get(position);
            int compared =
                    first instanceof Long a && second instanceof Long b
                            ? Long.compare(a, b)
                            : text(first).compareTo(text(second));
            if (compared != 0) {
                return compared;
            }
        }
        return 0;
    }

    private static String text(@Nullable Object value) {
        return value instanceof byte[] bytes
                ? HexFormat.of().formatHex(bytes)
                : String.valueOf(value);
    }

    /** What the first change's site had seen; what later ones had is no less. */
    Stamp first() {
        return steps.getFirst().stamp();
    }
}
