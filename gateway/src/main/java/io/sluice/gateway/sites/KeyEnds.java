package io.sluice.gateway.sites;

import io.sluice.change.Column;
import io.sluice.change.Row;
import io.sluice.change.RowChange;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.Orphans.ForeignKey;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What changes mean at both ends of a foreign key. Pure. */
final class KeyEnds {

    private KeyEnds() {}

    /** The row that a change leaves, if it may refer to another one than before. */
    static Optional<Row> referring(ForeignKey key, RowChange change) {
        if (!change.table().table().equals(key.child().table())) {
            return Optional.empty();
        }
        return switch (change) {
            case RowChange.Insert insert -> Optional.of(insert.after());
            case RowChange.Update update -> {
                Row after = update.after().over(update.before());
                Optional<Row> now = part(change.table(), after, key.columns());
                yield now.isPresent()
                                && now.equals(part(change.table(), update.before(), key.columns()))
                        ? Optional.empty()
                        : Optional.of(after);
            }
            case RowChange.Delete delete -> Optional.empty();
        };
    }

    /** What rows may have referred to, and is no more. */
    static Optional<Row> left(ForeignKey key, RowChange change) {
        if (!change.table().table().equals(key.parent().table())) {
            return Optional.empty();
        }
        List<String> names = key.parent().columns().stream().map(Column::name).toList();
        Optional<Row> before =
                switch (change) {
                    case RowChange.Insert insert -> Optional.empty();
                    case RowChange.Update update -> {
                        Row after = update.after().over(update.before());
                        Optional<Row> was = part(change.table(), update.before(), names);
                        yield was.equals(part(change.table(), after, names))
                                ? Optional.empty()
                                : was;
                    }
                    case RowChange.Delete delete -> part(change.table(), delete.before(), names);
                };
        return before.filter(
                row -> IntStream.range(0, row.size()).allMatch(i -> row.get(i) != null));
    }

    /** The values of these columns; empty where one is not there, or was not sent. */
    static Optional<Row> part(TableSchema table, Row row, List<String> names) {
        @Nullable Object[] values = new Object[names.size()];
        for (int i = 0; i < values.length; i++) {
            int place = 0;
            while (place < row.size() && !table.columns().get(place).name().equals(names.get(i))) {
                place++;
            }
            if (place == row.size() || !row.isSent(place)) {
                return Optional.empty();
            }
            values[i] = row.get(place);
        }
        return Optional.of(Row.of(values));
    }

    /** A row of which only the key's values are known. */
    static Row spread(TableSchema table, Row key) {
        @Nullable Object[] values = new Object[table.columns().size()];
        Arrays.fill(values, Row.NOT_SENT);
        for (int i = 0; i < table.key().size(); i++) {
            values[table.key().get(i)] = key.get(i);
        }
        return Row.of(values);
    }
}
