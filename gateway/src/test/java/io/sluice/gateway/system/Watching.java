package io.sluice.gateway.system;

import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.pipeline.PipelineStatus;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** Looks at the one pipeline of a gateway in this process. */
public final class Watching {

    private Watching() {}

    public static PipelineStatus status(Gateway gateway) {
        return gateway.statuses().getFirst();
    }

    public static void awaitStreaming(Gateway gateway) {
        awaitState(gateway, PipelineState.STREAMING, Duration.ofSeconds(60));
    }

    /** Waits for the pipeline to fail and says why it did. */
    public static PipelineStatus.Failure awaitFailed(Gateway gateway) {
        PipelineStatus.Failure failure =
                awaitState(gateway, PipelineState.FAILED, Duration.ofSeconds(60)).failure();
        if (failure == null) {
            throw new AssertionError("FAILED without a reason");
        }
        return failure;
    }

    /** Waits for a state; a pipeline that fails instead ends the wait with its reason. */
    public static PipelineStatus awaitState(
            Gateway gateway, PipelineState wanted, Duration atMost) {
        AtomicReference<PipelineStatus> last = new AtomicReference<>(status(gateway));
        try {
            Awaitility.await()
                    .atMost(atMost)
                    .pollInterval(Duration.ofMillis(20))
                    .until(
                            () -> {
                                PipelineStatus now = status(gateway);
                                last.set(now);
                                return now.state() == wanted || now.state() == PipelineState.FAILED;
                            });
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("never " + wanted + ", but " + last.get(), e);
        }
        if (last.get().state() != wanted) {
            throw new AssertionError("never " + wanted + ", but " + last.get());
        }
        return last.get();
    }

    /** Waits until the pipeline is held up by an error that it tries to get over. */
    public static PipelineStatus.Failure awaitRetry(Gateway gateway) {
        AtomicReference<PipelineStatus.Failure> seen = new AtomicReference<>();
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(10))
                .until(
                        () -> {
                            PipelineStatus now = status(gateway);
                            if (now.state() == PipelineState.FAILED) {
                                throw new AssertionError("FAILED: " + now.failure());
                            }
                            seen.set(now.failure());
                            return now.failure() != null;
                        });
        return seen.get();
    }
}
