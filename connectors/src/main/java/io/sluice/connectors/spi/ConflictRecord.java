package io.sluice.connectors.spi;

import io.sluice.connectors.spi.SiteSession.RowName;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A conflict that was decided, as it stands in {@code sluice.conflict}.
 *
 * @param id as the target numbers conflicts; 0 before it has
 * @param key of the row, a JSON object; for the operator's eyes, never logged
 * @param kind in PostgreSQL's words, or {@link #FOREIGN_KEY_MISSING}
 * @param resolution what was decided: apply, keep, merge or park
 * @param reason without row values
 * @param policy the name of the one that decided; null where an older gateway did not say so
 * @param operation of the change that came, in lower case
 * @param incomingVersion when and where the change was made
 * @param standingVersion of what it met; null where nothing is known of such a row
 * @param incoming the change's values, a JSON object, as far as they were sent and are short; null
 *     for a delete
 * @param standing the row that it met; null where there was none
 * @param result the row that the two were merged to; null where it is one of them
 * @param at by the target's clock; null before it has said so
 */
public record ConflictRecord(
        long id,
        RowName row,
        String key,
        String kind,
        String resolution,
        String reason,
        @Nullable String policy,
        String operation,
        String incomingVersion,
        @Nullable String standingVersion,
        @Nullable String incoming,
        @Nullable String standing,
        @Nullable String result,
        @Nullable Instant at) {

    /** Of a row that was written, and now lacks the one that a foreign key of it wants. */
    public static final String FOREIGN_KEY_MISSING = "foreign_key_missing";

    public ConflictRecord {
        Objects.requireNonNull(row);
        Objects.requireNonNull(key);
        Objects.requireNonNull(kind);
        Objects.requireNonNull(resolution);
        Objects.requireNonNull(reason);
        Objects.requireNonNull(operation);
        Objects.requireNonNull(incomingVersion);
    }

    /** Shows no values. */
    @Override
    public String toString() {
        return "%s of %s: %s".formatted(kind, row.table(), resolution);
    }
}
