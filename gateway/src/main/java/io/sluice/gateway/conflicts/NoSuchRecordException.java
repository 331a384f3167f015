package io.sluice.gateway.conflicts;

/** There is no such site, or no such page of its record. */
public final class NoSuchRecordException extends RuntimeException {

    NoSuchRecordException(String message) {
        super(message);
    }
}
