package io.sluice.gateway.snapshot;

import java.time.Duration;

/**
 * How a copy goes about it.
 *
 * @param workers how many parts are copied at once, at most; each has a connection to the source
 *     and one to the target
 * @param chunkBytes how large a part is meant to be, by the source's statistics
 * @param statementTimeout how long the target may take over a statement that is not a copy
 */
public record CopySettings(int workers, long chunkBytes, Duration statementTimeout) {

    public CopySettings {
        if (workers < 1 || chunkBytes < 1) {
            throw new IllegalArgumentException("a copy needs a worker and a size");
        }
    }
}
