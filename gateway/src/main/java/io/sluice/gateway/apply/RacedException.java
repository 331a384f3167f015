package io.sluice.gateway.apply;

import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;

/** A row was written by the target's own users while it was being decided on. */
public final class RacedException extends ConnectorException {

    private static final long serialVersionUID = 1;

    public RacedException(String message) {
        super(ErrorClass.RETRY, message);
    }

    public RacedException(String message, Throwable cause) {
        super(ErrorClass.RETRY, message, cause);
    }
}
