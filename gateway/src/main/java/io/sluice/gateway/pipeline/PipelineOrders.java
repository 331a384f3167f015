package io.sluice.gateway.pipeline;

import io.sluice.gateway.pipeline.Orders.Order;
import java.util.function.Supplier;

/** What an operator may tell a running pipeline. It is done after the call. Thread-safe. */
public final class PipelineOrders {

    private final String pipeline;
    private final Orders orders;
    private final Supplier<PipelineState> state;

    PipelineOrders(String pipeline, Orders orders, Supplier<PipelineState> state) {
        this.pipeline = pipeline;
        this.orders = orders;
        this.state = state;
    }

    /**
     * Has it write what it has read and then wait. The source keeps its log, and the checkpoint
     * stays.
     *
     * @throws IllegalStateException saying why not, where there is nothing to pause
     */
    public void pause() {
        if (state.get() == PipelineState.FAILED || state.get() == PipelineState.STOPPED) {
            throw new IllegalStateException(
                    "%s is %s: there is nothing to pause.".formatted(pipeline, state.get()));
        }
        if (!orders.replace(Order.RUN, Order.PAUSE) && orders.order() != Order.PAUSE) {
            throw new IllegalStateException(
                    "%s is carrying out another order. Ask again.".formatted(pipeline));
        }
    }

    /**
     * Lets it go on from its checkpoint.
     *
     * @throws IllegalStateException saying why not, where it is not paused
     */
    public void resume() {
        if (!orders.replace(Order.PAUSE, Order.RUN)) {
            throw new IllegalStateException(
                    "%s is %s, not paused.".formatted(pipeline, state.get())
                            + (state.get() == PipelineState.FAILED
                                    ? " Restart it when the cause is mended."
                                    : ""));
        }
    }

    /** Begins again as at the gateway's start, from its checkpoint; also where it has failed. */
    public void restart() {
        if (!orders.give(Order.RESTART)) {
            throw new IllegalStateException("%s is being stopped.".formatted(pipeline));
        }
    }
}
