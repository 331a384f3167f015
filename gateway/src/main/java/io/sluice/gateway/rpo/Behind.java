package io.sluice.gateway.rpo;

/**
 * How much was received from the source and is not durable on the target; what was not received is
 * not in it.
 *
 * @param transactions begun, whether they have come whole or not
 * @param bytes what they take in memory, at most
 */
public record Behind(long transactions, long rows, long bytes) {

    public static final Behind NOTHING = new Behind(0, 0, 0);
}
