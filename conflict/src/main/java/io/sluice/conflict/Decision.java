package io.sluice.conflict;

import io.sluice.change.Row;
import java.util.Map;
import java.util.Objects;

/** What is to be done with a change, and why. The reason names columns and sites, never values. */
public sealed interface Decision {

    String reason();

    /** The change takes effect: its row is written, or the row is deleted. */
    record Apply(String reason) implements Decision {
        public Apply {
            Objects.requireNonNull(reason);
        }
    }

    /** What stands stays; the change is done with. */
    record Keep(String reason) implements Decision {
        public Keep {
            Objects.requireNonNull(reason);
        }
    }

    /**
     * The row becomes this one.
     *
     * @param row whole; where a group of columns was asked for, only those count
     * @param marks the versions of the parts of the values, to be kept with the row
     */
    record Merge(Row row, Map<String, Version> marks, String reason) implements Decision {
        public Merge {
            Objects.requireNonNull(row);
            Objects.requireNonNull(reason);
            marks = Map.copyOf(marks);
        }

        public Merge(Row row, String reason) {
            this(row, Map.of(), reason);
        }

        /** Shows no values, nor the parts of any. */
        @Override
        public String toString() {
            return "Merge[" + reason + "]";
        }
    }

    /** The change is kept aside for a person; the row stays as it is. */
    record Park(String reason) implements Decision {
        public Park {
            Objects.requireNonNull(reason);
        }
    }

    /** Nothing more is applied until a person has looked. */
    record Stop(String reason) implements Decision {
        public Stop {
            Objects.requireNonNull(reason);
        }
    }
}
