package io.sluice.config;

/**
 * How much may be read ahead of the target. A full buffer holds the reading up.
 *
 * @param maxRows rows waiting
 * @param maxBytes size of the values waiting
 */
public record BufferConfig(int maxRows, DataSize maxBytes) {

    public static final BufferConfig DEFAULTS = new BufferConfig(50_000, DataSize.ofMebibytes(64));

    public BufferConfig {
        if (maxRows < 1) {
            throw new IllegalArgumentException("maxRows must be 1 or more");
        }
        DataSize.requirePositive(maxBytes);
    }
}
