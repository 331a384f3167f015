package io.sluice.gateway.sites;

import io.sluice.change.Row;
import io.sluice.change.RowChange;
import java.util.List;

/**
 * What a change does to the row of one key: a change of a key is a delete of one row and an insert
 * of another.
 *
 * @param row whose key's values are known
 */
record RowStep(RowChange change, Row row) {

    static List<RowStep> of(RowChange change) {
        return switch (change) {
            case RowChange.Insert insert -> List.of(new RowStep(insert, insert.after()));
            case RowChange.Update update when update.changesKey() -> {
                Row after = update.after().over(update.before());
                yield List.of(
                        new RowStep(
                                new RowChange.Delete(update.table(), update.before()),
                                update.before()),
                        new RowStep(new RowChange.Insert(update.table(), after), after));
            }
            case RowChange.Update update -> List.of(new RowStep(update, update.before()));
            case RowChange.Delete delete -> List.of(new RowStep(delete, delete.before()));
        };
    }
}
