package io.sluice.connectors.spi;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A step against a database that failed.
 *
 * <p>{@link #getMessage()} says which step failed, at which place, and what to do next. It holds no
 * row values: it goes to the log.
 */
public class ConnectorException extends RuntimeException {

    private final ErrorClass errorClass;

    public ConnectorException(ErrorClass errorClass, String message) {
        this(errorClass, message, null);
    }

    public ConnectorException(ErrorClass errorClass, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.errorClass = Objects.requireNonNull(errorClass);
    }

    public ErrorClass errorClass() {
        return errorClass;
    }
}
