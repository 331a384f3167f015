package io.sluice.connectors.spi;

import java.time.Instant;
import java.util.List;

/**
 * A pipeline's events, kept in its target. Each call has a connection of its own and is durable
 * when it returns; throws {@link ConnectorException}. Used by one thread.
 */
public interface EventStore {

    /** The last events, the oldest of them first. */
    List<PipelineEvent> latest(int atMost);

    /** Adds events; what is there already stays as it is. */
    void add(List<PipelineEvent> events);

    /** Forgets what happened before {@code since}, and all but the last {@code atMost}. */
    void keep(Instant since, int atMost);
}
