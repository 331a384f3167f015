package io.sluice.connectors.mysql;

/** A value that its column would not hold as it is. The message names no value. */
final class UnfitValueException extends RuntimeException {

    /**
     * @param reason what is wrong with the value, after the column's name: {@code has …}
     */
    UnfitValueException(String column, String reason) {
        super("a value for the column %s %s".formatted(column, reason));
    }
}
