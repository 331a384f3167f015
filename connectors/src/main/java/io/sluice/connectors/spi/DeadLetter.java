package io.sluice.connectors.spi;

import io.sluice.change.TableId;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A row that the target refused and that was put aside, so that the others could go on. Until the
 * letter is gone, changes of the row are left out; what the row should be is known by the source.
 *
 * @param id as the target numbers letters; 0 before it has
 * @param table the table on the target
 * @param keyHash what tells the rows of a table apart
 * @param key the row's key, a JSON object; for the operator's eyes, never logged
 * @param operation which change was refused, in lower case; {@code copy} for a row of the copy
 * @param position of the source's log up to which the refused change is; null for none
 * @param reason what the target said, without row values
 * @param values of the row, a JSON object, as far as they were sent and are short; null where only
 *     what stands is asked for
 * @param changes that were left out, the refused one among them
 * @param retry whether the row is to be tried again
 * @param parkedAt by the target's clock; null before it has said so
 */
public record DeadLetter(
        long id,
        TableId table,
        String keyHash,
        String key,
        String operation,
        @Nullable String position,
        String reason,
        @Nullable String values,
        long changes,
        boolean retry,
        @Nullable Instant parkedAt) {

    public DeadLetter {
        Objects.requireNonNull(table);
        Objects.requireNonNull(keyHash);
        Objects.requireNonNull(key);
        Objects.requireNonNull(operation);
        Objects.requireNonNull(reason);
    }
}
