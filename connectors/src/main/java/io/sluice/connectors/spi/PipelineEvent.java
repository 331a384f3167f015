package io.sluice.connectors.spi;

import java.time.Instant;
import java.util.Objects;

/**
 * Something that happened to a pipeline and that an operator may ask for later.
 *
 * @param id grows with every event of a gateway, also across its starts
 * @param kind what sort of event, in lower case
 * @param text what happened and why; without row values
 */
public record PipelineEvent(long id, Instant at, String pipeline, String kind, String text) {

    public PipelineEvent {
        Objects.requireNonNull(at);
        Objects.requireNonNull(pipeline);
        Objects.requireNonNull(kind);
        Objects.requireNonNull(text);
    }
}
