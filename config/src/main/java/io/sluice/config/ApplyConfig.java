package io.sluice.config;

import java.time.Duration;

/**
 * How source transactions are grouped into target transactions: whichever bound is reached first
 * ends a group.
 *
 * @param maxRows rows of one group
 * @param maxBytes size of one group's values
 * @param maxDelay how long a change may wait for company
 * @param statementTimeout how long one statement may take on the target
 * @param maxParked refused rows that may be parked before the pipeline stops all the same
 */
public record ApplyConfig(
        int maxRows,
        DataSize maxBytes,
        Duration maxDelay,
        Duration statementTimeout,
        int maxParked) {

    public static final ApplyConfig DEFAULTS =
            new ApplyConfig(
                    10_000,
                    DataSize.ofMebibytes(16),
                    Duration.ofMillis(5),
                    Duration.ofSeconds(60),
                    1_000);

    public ApplyConfig {
        if (maxRows < 1 || maxParked < 1) {
            throw new IllegalArgumentException("maxRows and maxParked must be 1 or more");
        }
        DataSize.requirePositive(maxBytes);
        DurationText.requirePositive(maxDelay);
        DurationText.requirePositive(statementTimeout);
    }
}
