package io.sluice.gateway.sites;

/** How the reading of a log gets on. Thread-safe; each part has one writer at a time. */
final class Hold {

    private volatile long pieces;
    private volatile int waiting;
    private volatile boolean up;
    private volatile boolean waitsForOthers;
    private volatile int timesGivenWay;

    /** By the log's reader. */
    @SuppressWarnings("NonAtomicVolatileUpdate")
    void heard() {
        pieces++;
    }

    /** How many pieces have been heard, in all readings. */
    long pieces() {
        return pieces;
    }

    /** Under the log's lock. */
    @SuppressWarnings("NonAtomicVolatileUpdate")
    void needed(int more) {
        waiting += more;
    }

    /** Whether somebody waits for what comes next. */
    boolean isNeeded() {
        return waiting > 0;
    }

    void up(boolean isUp) {
        up = isUp;
    }

    /** Whether the log's reader waits for room in its buffer. */
    boolean isUp() {
        return up;
    }

    /** By who applies what is read: nothing of it before something comes from a third site. */
    void waitsForOthers(boolean waits) {
        waitsForOthers = waits;
    }

    boolean waitsForOthers() {
        return waitsForOthers;
    }

    /** By the log's reader: what it reads from now on is heard and not kept. */
    @SuppressWarnings("NonAtomicVolatileUpdate")
    void giveWay() {
        up = false; // before it counts, see Standoff
        timesGivenWay++;
    }

    int timesGivenWay() {
        return timesGivenWay;
    }
}
