package io.sluice.gateway.snapshot;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a copy goes about it.
 *
 * @param workers how many parts are copied at once, at most; each has a connection to the source
 *     and one to the target
 * @param chunkBytes how large a part is meant to be, by the source's statistics
 * @param maxBytesPerSecond of all workers together; 0 for no limit
 * @param pauseWhenSourceLagExceeds how far a replica of the source may be behind; null for any
 * @param statementTimeout how long the target may take over a statement that is not a copy
 */
public record CopySettings(
        int workers,
        long chunkBytes,
        long maxBytesPerSecond,
        @Nullable Duration pauseWhenSourceLagExceeds,
        Duration statementTimeout) {

    public CopySettings {
        if (workers < 1 || chunkBytes < 1) {
            throw new IllegalArgumentException("a copy needs a worker and a size");
        }
    }
}
