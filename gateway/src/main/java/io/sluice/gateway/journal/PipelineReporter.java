package io.sluice.gateway.journal;

import io.sluice.connectors.spi.PipelineEvent;
import io.sluice.gateway.apply.Operation;
import io.sluice.gateway.pipeline.PipelineObserver;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.pipeline.PipelineStatus.Failure;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Makes events of what one pipeline tells of itself, and passes the rest on. */
public final class PipelineReporter implements PipelineObserver {

    private final String pipeline;
    private final Journal journal;
    private final Consumer<PipelineEvent> keeper;
    private final PipelineObserver next;
    private String lastRetry = "";

    public PipelineReporter(
            String pipeline,
            Journal journal,
            Consumer<PipelineEvent> keeper,
            PipelineObserver next) {
        this.pipeline = pipeline;
        this.journal = journal;
        this.keeper = keeper;
        this.next = next;
    }

    /** Notes an event of this pipeline; by any thread. */
    public void report(EventKind kind, String text) {
        keeper.accept(journal.add(pipeline, kind, text));
    }

    @Override
    public void entered(PipelineState from, PipelineState to, @Nullable Failure failure) {
        if (to == PipelineState.FAILED && failure != null) {
            report(EventKind.FAILURE, "%s -> FAILED: %s".formatted(from, failure.message()));
        } else {
            report(EventKind.STATE, "%s -> %s".formatted(from, to));
        }
        next.entered(from, to, failure);
    }

    /**
     * A database that is away for hours fails in the same way many times: it is told now and then.
     */
    @Override
    public void retried(Failure failure, int attempts) {
        boolean powerOfTwo = Integer.bitCount(attempts) == 1;
        if (powerOfTwo || !failure.message().equals(lastRetry)) {
            report(EventKind.RETRY, "Attempt %d: %s".formatted(attempts, failure.message()));
        }
        lastRetry = failure.message();
        next.retried(failure, attempts);
    }

    @Override
    public void applied(Map<Operation, Long> changes, List<Duration> latencies) {
        next.applied(changes, latencies);
    }

    @Override
    public void failed(String errorClass) {
        next.failed(errorClass);
    }

    @Override
    public void conflict(String type, String resolution) {
        next.conflict(type, resolution);
    }

    @Override
    public void parked(String table) {
        next.parked(table);
    }
}
