package io.sluice.gateway.cli;

/**
 * How many of the platform's threads carry virtual ones at most.
 *
 * <p>The JDK's default is one for each processor. A virtual thread keeps its carrier while it waits
 * for a class that another one is loading or initialising, and that other one may have left its own
 * carrier amid the class path, to wait for a lock. On two processors two that wait are enough,
 * then: no carrier is left for the one that both wait for, nor for any other, and whatever loads a
 * class on a thread of its own waits for it as well. A gateway with several pipelines, which all
 * open their first connections at once, was seen to stand still so for ever, without a word.
 */
final class Carriers {

    /** As many as the JDK itself would let there be; they are made when they are needed. */
    private static final int MOST = 256;

    private static final String PARALLELISM = "jdk.virtualThreadScheduler.parallelism";

    private Carriers() {}

    /** To be called before there is a virtual thread; what the user has set stays. */
    static void provide() {
        if (System.getProperty(PARALLELISM) == null) {
            System.setProperty(PARALLELISM, Integer.toString(MOST));
        }
    }
}
