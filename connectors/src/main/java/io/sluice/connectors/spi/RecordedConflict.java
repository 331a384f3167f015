package io.sluice.connectors.spi;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A conflict as it is read from the record.
 *
 * @param pipeline whose change it was
 * @param resolved by whom it was looked after; null while by nobody
 */
public record RecordedConflict(
        String pipeline, ConflictRecord conflict, @Nullable Resolved resolved) {

    /** What is decided of a change that waits for a person. */
    public static final String PARKED = "park";

    /**
     * Who looked after a conflict.
     *
     * @param at by the database's clock
     * @param by a person or a token
     * @param choice what was chosen
     */
    public record Resolved(Instant at, String by, String choice) {

        public Resolved {
            Objects.requireNonNull(at);
            Objects.requireNonNull(by);
            Objects.requireNonNull(choice);
        }
    }

    public RecordedConflict {
        Objects.requireNonNull(pipeline);
        Objects.requireNonNull(conflict);
    }

    /** Whether it waits for a person. */
    public boolean isOpen() {
        return resolved == null
                && (conflict.resolution().equals(PARKED)
                        || conflict.kind().equals(ConflictRecord.FOREIGN_KEY_MISSING));
    }
}
