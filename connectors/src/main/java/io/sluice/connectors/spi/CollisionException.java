package io.sluice.connectors.spi;

/**
 * The database ended the transaction, or the statement, for the sake of another one that wanted the
 * same rows: a deadlock, for instance. The same may succeed at once.
 */
public final class CollisionException extends ConnectorException {

    private static final long serialVersionUID = 1;

    public CollisionException(String message, Throwable cause) {
        super(ErrorClass.RETRY, message, cause);
    }
}
