package io.sluice.connectors.spi;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which conflicts are asked for; what is null does not matter.
 *
 * @param pipeline by its name
 * @param table as {@code schema.name}
 * @param kind in PostgreSQL's words
 * @param resolution what was decided
 * @param since when they were decided, this moment included
 * @param until this moment excluded
 * @param open only those that wait for a person
 */
public record ConflictSearch(
        @Nullable String pipeline,
        @Nullable String table,
        @Nullable String kind,
        @Nullable String resolution,
        @Nullable Instant since,
        @Nullable Instant until,
        boolean open) {

    public static final ConflictSearch ALL =
            new ConflictSearch(null, null, null, null, null, null, false);
}
