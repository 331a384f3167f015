package io.sluice.connectors.spi;

/**
 * A newer gateway has claimed the pipeline; this one's transaction was rolled back and it stops.
 */
public final class FencedException extends ConnectorException {

    public FencedException(String message) {
        super(ErrorClass.FATAL, message);
    }
}
