package io.sluice.connectors.spi;

/**
 * The source's log does not continue at the checkpoint: the slot is gone or invalidated, the log
 * was removed, or another database answers at the address. What lies in between can only be had by
 * a new copy, which nobody but the operator orders.
 */
public final class LogGapException extends ConnectorException {

    private final String from;
    private final String to;

    /**
     * @param from the position up to which the target has everything
     * @param to the first position from which the source can still tell what happened, or "unknown"
     */
    public LogGapException(String message, String from, String to) {
        super(ErrorClass.FATAL, message);
        this.from = from;
        this.to = to;
    }

    public String from() {
        return from;
    }

    public String to() {
        return to;
    }
}
