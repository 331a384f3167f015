package io.sluice.config;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * How tables are copied.
 *
 * @param workers how many parts of tables are copied at once, at most; each has a connection to the
 *     source and one to the target
 * @param chunkSize how large such a part is meant to be; what was copied of one is copied again
 *     after an interruption, and no more
 * @param maxBytesPerSecond how much all workers together copy in a second, at most
 * @param pauseWhenSourceLagExceeds how far a replica of the source may be behind; while one is
 *     further, no part is begun
 */
public record CopyConfig(
        int workers,
        DataSize chunkSize,
        Optional<DataSize> maxBytesPerSecond,
        Optional<Duration> pauseWhenSourceLagExceeds) {

    public static final CopyConfig DEFAULTS =
            new CopyConfig(4, DataSize.ofMebibytes(64), Optional.empty(), Optional.empty());

    public CopyConfig {
        if (workers < 1) {
            throw new IllegalArgumentException("workers must be 1 or more");
        }
        DataSize.requirePositive(chunkSize);
        Objects.requireNonNull(maxBytesPerSecond).ifPresent(DataSize::requirePositive);
        Objects.requireNonNull(pauseWhenSourceLagExceeds).ifPresent(DurationText::requirePositive);
    }
}
