package io.sluice.connectors.mysql;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which sessions of a target mark what they apply: none, or, where the server is one of several
 * sites, all. Each that is open has a row of its own to do so, so that none waits for another.
 * Thread-safe.
 */
final class Marking {

    /** A session that marks nothing. */
    static final int NO_ROW = -1;

    private final boolean site;
    private final Set<Row> taken = ConcurrentHashMap.newKeySet();

    private record Row(String pipeline, int number) {}

    private Marking(boolean site) {
        this.site = site;
    }

    static Marking none() {
        return new Marking(false);
    }

    static Marking ofSite() {
        return new Marking(true);
    }

    boolean isOfSite() {
        return site;
    }

    /** The number of a new session's row. */
    int begin(String pipeline) {
        if (!site) {
            return NO_ROW;
        }
        int number = 0;
        while (!taken.add(new Row(pipeline, number))) {
            number++;
        }
        return number;
    }

    void end(String pipeline, int number) {
        taken.remove(new Row(pipeline, number));
    }
}
