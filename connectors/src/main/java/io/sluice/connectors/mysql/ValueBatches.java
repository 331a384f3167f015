package io.sluice.connectors.mysql;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Rows of values, in batches of as many as go into one statement. */
final class ValueBatches {

    private static final int MOST_TOGETHER = 500;

    /** Of the values of one statement, for a server takes no more than so many bytes at once. */
    private static final int MOST_CHARACTERS = 1_000_000;

    private ValueBatches() {}

    /**
     * @param values of one row
     */
    static <T> List<List<List<@Nullable Object>>> of(
            List<T> all, Function<T, List<@Nullable Object>> values) {
        List<List<List<@Nullable Object>>> batches = new ArrayList<>();
        int characters = MOST_CHARACTERS;
        for (T each : all) {
            List<@Nullable Object> row = values.apply(each);
            int length = 0;
            for (Object value : row) {
                length += value instanceof String text ? text.length() : 64;
            }
            characters += length;
            if (characters > MOST_CHARACTERS || batches.getLast().size() == MOST_TOGETHER) {
                batches.add(new ArrayList<>());
                characters = length;
            }
            batches.getLast().add(row);
        }
        return batches;
    }
}
