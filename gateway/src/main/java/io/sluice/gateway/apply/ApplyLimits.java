package io.sluice.gateway.apply;

import java.time.Duration;

/**
 * Bounds of one target transaction.
 *
 * @param maxRows changes after which a group is committed, or a large transaction written on
 * @param maxBytes heap after which the same happens
 * @param maxDelay how long a group waits for more when nothing is at hand
 */
public record ApplyLimits(long maxRows, long maxBytes, Duration maxDelay) {

    public ApplyLimits {
        if (maxRows < 1 || maxBytes < 1 || maxDelay.isNegative()) {
            throw new IllegalArgumentException("limits are positive");
        }
    }
}
