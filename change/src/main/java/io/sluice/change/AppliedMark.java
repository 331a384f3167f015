package io.sluice.change;

import java.util.Objects;

/**
 * What a transaction says of itself that the gateway applied at a site: whose changes it brought,
 * and what the site has seen with it.
 *
 * @param pipeline which applied it
 * @param upTo where that pipeline's source stood: the site has everything that this covers
 * @param clock the latest stamp of what that pipeline had applied by then
 */
public record AppliedMark(String pipeline, SourcePosition upTo, HybridTimestamp clock) {

    public AppliedMark {
        Objects.requireNonNull(pipeline);
        Objects.requireNonNull(upTo);
        Objects.requireNonNull(clock);
    }

    /** Reads what {@link #text} wrote. */
    public static AppliedMark parse(String text) {
        String[] lines = text.split("\n", 3);
        if (lines.length < 3) {
            throw new IllegalArgumentException("not a mark of three lines");
        }
        return new AppliedMark(
                lines[2], SourcePosition.parse(lines[1]), HybridTimestamp.parse(lines[0]));
    }

    /** One line each; the pipeline's name, which may hold anything, comes last. */
    public String text() {
        return clock + "\n" + upTo.text() + "\n" + pipeline;
    }
}
