package io.sluice.connectors.debezium;

/**
 * Bounds of what a source holds in memory between the log and the receiver.
 *
 * @param queueRows changes that are decoded and not yet taken
 * @param queueBytes the same, in bytes, as Debezium estimates them; 0 leaves them unmeasured
 * @param pieceRows the most changes of one piece
 * @param pieceBytes a piece is handed over once it holds this much; one change may exceed it
 */
public record CaptureLimits(int queueRows, long queueBytes, int pieceRows, long pieceBytes) {

    public static final CaptureLimits DEFAULT =
            new CaptureLimits(8_192, 64L * 1024 * 1024, 2_000, 4L * 1024 * 1024);

    public CaptureLimits {
        if (queueRows < 2 || queueBytes < 0 || pieceRows < 1 || pieceBytes < 1) {
            throw new IllegalArgumentException("limits are positive");
        }
    }
}
