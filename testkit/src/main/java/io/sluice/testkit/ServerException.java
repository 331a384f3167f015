package io.sluice.testkit;

import org.jspecify.annotations.Nullable;

/** A server of the test kit could not do what it was asked to; the message says what and where. */
public final class ServerException extends RuntimeException {
    public ServerException(String message) {
        super(message);
    }

    public ServerException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
