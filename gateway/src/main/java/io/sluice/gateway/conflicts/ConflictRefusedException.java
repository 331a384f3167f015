package io.sluice.gateway.conflicts;

/** What was asked for cannot be done, and why. Holds no row values. */
public final class ConflictRefusedException extends RuntimeException {

    ConflictRefusedException(String message) {
        super(message);
    }
}
