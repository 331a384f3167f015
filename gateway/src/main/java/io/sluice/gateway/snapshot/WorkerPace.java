package io.sluice.gateway.snapshot;

/**
 * How many workers the target can take: by what it needs for a MiB, against what it has needed so
 * far. Far more than usual halves them; after each look that is usual there is one more. What is
 * usual follows slowly, so that a target that stays slower is not held to its best days. Used under
 * a lock.
 */
final class WorkerPace {

    private static final long MEBIBYTE = 1 << 20;

    /** Less is no measure: a part's beginning and end would count for too much. */
    private static final long LOOK_BYTES = 8 * MEBIBYTE;

    private static final int FIRST_LOOKS = 3;
    private static final double FAR_MORE = 3;
    private static final double FOLLOWS = 1 / 16.0;
    private static final double FOLLOWS_SLOW_ONES = 1 / 64.0;

    private final int most;
    private int allowed;
    private int looks;
    private double usual;
    private long bytes;
    private long nanos;

    WorkerPace(int most) {
        this.most = most;
        allowed = most;
    }

    int allowed() {
        return allowed;
    }

    /**
     * @param spent in the target, in nanoseconds
     */
    void wrote(long size, long spent) {
        bytes += size;
        nanos += spent;
        if (bytes >= LOOK_BYTES) {
            look((double) nanos * MEBIBYTE / bytes);
            bytes = 0;
            nanos = 0;
        }
    }

    private void look(double perMebibyte) {
        looks++;
        if (looks <= FIRST_LOOKS) {
            usual += (perMebibyte - usual) / looks;
        } else if (perMebibyte > FAR_MORE * usual) {
            allowed = Math.max(1, allowed / 2);
            usual += (perMebibyte - usual) * FOLLOWS_SLOW_ONES;
        } else {
            allowed = Math.min(most, allowed + 1);
            usual += (perMebibyte - usual) * FOLLOWS;
        }
    }
}
