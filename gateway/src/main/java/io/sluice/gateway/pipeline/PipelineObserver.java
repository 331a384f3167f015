package io.sluice.gateway.pipeline;

import io.sluice.gateway.apply.Operation;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Told of what a pipeline does, for metrics. Called by the pipeline's thread; must be quick. */
public interface PipelineObserver {

    /**
     * @param latencies of the source transactions that became durable, from commit to commit
     */
    void applied(Map<Operation, Long> changes, List<Duration> latencies);

    /**
     * @param errorClass the connectors' {@code ErrorClass}, in lower case
     */
    void failed(String errorClass);

    /**
     * A conflict between sites was decided, and that is durable.
     *
     * @param type the kind, in PostgreSQL's words
     * @param resolution apply, keep, merge or park
     */
    default void conflict(String type, String resolution) {}

    /** A row of the target's table was refused and put aside. Called by any thread that writes. */
    default void parked(String table) {}

    /**
     * @param failure that the pipeline has at this moment; null where it has none
     */
    default void entered(
            PipelineState from, PipelineState to, PipelineStatus.@Nullable Failure failure) {}

    /**
     * @param attempts since it last made progress
     */
    default void retried(PipelineStatus.Failure failure, int attempts) {}

    /** Hears and forgets. */
    PipelineObserver NONE =
            new PipelineObserver() {
                @Override
                public void applied(Map<Operation, Long> changes, List<Duration> latencies) {}

                @Override
                public void failed(String errorClass) {}
            };
}
