package io.sluice.config;

/**
 * How tables are copied.
 *
 * @param workers how many parts of tables are copied at once, at most; each has a connection to the
 *     source and one to the target
 * @param chunkSize how large such a part is meant to be; what was copied of one is copied again
 *     after an interruption, and no more
 */
public record CopyConfig(int workers, DataSize chunkSize) {

    public static final CopyConfig DEFAULTS = new CopyConfig(4, DataSize.ofMebibytes(64));

    public CopyConfig {
        if (workers < 1) {
            throw new IllegalArgumentException("workers must be 1 or more");
        }
        DataSize.requirePositive(chunkSize);
    }
}
