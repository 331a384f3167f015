package io.sluice.change;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Columns of a table of the source were altered by a statement of its log: from here on rows have
 * them in the new way. Rows that stand may have been changed along with them, without a change of
 * any row in the log.
 *
 * @param steps one for each column that is not what it was
 */
public record Alteration(TableId table, List<Step> steps) {

    public Alteration {
        Objects.requireNonNull(table);
        steps = List.copyOf(steps);
        if (steps.isEmpty()) {
            throw new IllegalArgumentException(table + ": an alteration without a step");
        }
    }

    /**
     * A column before and after.
     *
     * @param before null for a new column
     * @param after null for one that is gone
     */
    public record Step(@Nullable State before, @Nullable State after) {

        public Step {
            if (before == null && after == null) {
                throw new IllegalArgumentException("a step is about a column");
            }
        }

        /** {@code size int is new}. */
        @Override
        public String toString() {
            if (before == null) {
                return after + " is new";
            }
            return after == null ? before + " is gone" : before + " became " + after;
        }
    }

    /**
     * What a column is.
     *
     * @param type in the source's own words, as its catalog would print it
     * @param charset of its texts, in the source's own words; null where it has none
     * @param filled whether rows that stood before the column may hold something else than null in
     *     it
     */
    public record State(
            String name, String type, @Nullable String charset, boolean notNull, boolean filled) {

        public State {
            Objects.requireNonNull(name);
            Objects.requireNonNull(type);
        }

        @Override
        public String toString() {
            return name
                    + " "
                    + type
                    + (charset == null ? "" : " character set " + charset)
                    + (notNull ? " not null" : "");
        }
    }
}
