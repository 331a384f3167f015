package io.sluice.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is wrong with one configuration, up to a bound. Owned by one reading. */
final class Problems {

    static final int MOST = 100;

    private final String source;
    private final List<Problem> problems = new ArrayList<>();
    private int count;

    Problems(String source) {
        this.source = source;
    }

    void add(int line, String message) {
        count++;
        if (count <= MOST) {
            problems.add(new Problem(source, line, message));
        }
    }

    /** How many there are by now; a binding compares it to know whether its own part is sound. */
    int count() {
        return count;
    }

    /**
     * @throws ConfigException where there is any problem
     */
    void throwIfAny() {
        if (count == 0) {
            return;
        }
        List<Problem> sorted = new ArrayList<>(problems);
        sorted.sort(Comparator.comparingInt(Problem::line));
        if (count > MOST) {
            sorted.add(new Problem(source, 0, "and " + (count - MOST) + " more problems"));
        }
        throw new ConfigException(sorted);
    }
}
