package io.sluice.connectors.spi;

/** What may be done about an error. What nobody has classified is {@link #FATAL}. */
public enum ErrorClass {
    /** The same work may succeed later: a lost connection, a deadlock, a time-out, a full disk. */
    RETRY,
    /**
     * The target refuses this one row: a constraint, a value that does not fit, a row not there.
     */
    ROW,
    /** Nobody knows that trying again would help; the pipeline stops and says why. */
    FATAL
}
