package io.sluice.connectors.spi;

import java.util.Collection;
import java.util.List;

/**
 * A pipeline's dead letters, for the operator. Thread-safe; each call is a transaction of its own,
 * and the gateway that runs the pipeline finds what was ordered within a heartbeat.
 */
public interface DeadLetters {

    /** All letters, oldest first, with the rows' values. */
    List<DeadLetter> all();

    /** Orders that the rows are tried again; returns how many letters of these there are. */
    int retry(Collection<Long> ids);

    /**
     * Throws letters away: changes of their rows are applied again; returns how many there were.
     */
    int discard(Collection<Long> ids);
}
