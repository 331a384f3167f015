package io.sluice.config;

/**
 * One mistake in a configuration.
 *
 * @param source the file's name
 * @param line counted from 1; 0 where the file as a whole is meant
 */
public record Problem(String source, int line, String message) {

    /** {@code file:line: message}. */
    @Override
    public String toString() {
        return source + (line > 0 ? ":" + line : "") + ": " + message;
    }
}
