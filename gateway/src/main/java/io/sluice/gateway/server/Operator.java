package io.sluice.gateway.server;

/** Carries out what an operator orders. */
public interface Operator {

    /** What can be ordered of a pipeline. */
    enum Action {
        PAUSE,
        RESUME,
        RESTART
    }

    /**
     * @param cause who ordered it and why, for the journal
     * @throws IllegalStateException saying why not, where the pipeline's state does not allow it
     */
    void order(String pipeline, Action action, String cause);
}
