package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.pipeline.PipelineStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** Looks at a pipeline of a gateway in this process: at the named one, or else at the only one. */
public final class Watching {

    private Watching() {}

    public static PipelineStatus status(Gateway gateway) {
        return gateway.statuses().getFirst();
    }

    public static PipelineStatus status(Gateway gateway, String pipeline) {
        return gateway.statuses().stream()
                .filter(status -> status.name().equals(pipeline))
                .findFirst()
                .orElseThrow();
    }

    public static void awaitStreaming(Gateway gateway) {
        awaitState(gateway, PipelineState.STREAMING, Duration.ofSeconds(180));
    }

    /** Waits for the pipeline to fail and says why it did. */
    public static PipelineStatus.Failure awaitFailed(Gateway gateway) {
        return awaitFailed(() -> status(gateway));
    }

    static PipelineStatus.Failure awaitFailed(Gateway gateway, String pipeline) {
        return awaitFailed(() -> status(gateway, pipeline));
    }

    private static PipelineStatus.Failure awaitFailed(Supplier<PipelineStatus> status) {
        PipelineStatus.Failure failure =
                awaitState(status, PipelineState.FAILED, Duration.ofSeconds(180)).failure();
        if (failure == null) {
            throw new AssertionError("FAILED without a reason");
        }
        return failure;
    }

    /** Waits for a state; a pipeline that fails instead ends the wait with its reason. */
    public static PipelineStatus awaitState(
            Gateway gateway, PipelineState wanted, Duration atMost) {
        return awaitState(() -> status(gateway), wanted, atMost);
    }

    static PipelineStatus awaitState(
            Gateway gateway, String pipeline, PipelineState wanted, Duration atMost) {
        return awaitState(() -> status(gateway, pipeline), wanted, atMost);
    }

    private static PipelineStatus awaitState(
            Supplier<PipelineStatus> status, PipelineState wanted, Duration atMost) {
        AtomicReference<PipelineStatus> last = new AtomicReference<>(status.get());
        try {
            Awaitility.await()
                    .atMost(atMost)
                    .pollInterval(Duration.ofMillis(20))
                    .until(
                            () -> {
                                PipelineStatus now = status.get();
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

    /** Looks for so long whether an idle pipeline's RPO stays under a second. */
    public static void requireIdle(Gateway gateway, Duration howLong) {
        List<Duration> seen = new ArrayList<>();
        Instant end = Instant.now().plus(howLong);
        Awaitility.await()
                .atMost(howLong.plusSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(
                        () -> {
                            seen.add(status(gateway).exposure().age());
                            return Instant.now().isAfter(end);
                        });
        long late = seen.stream().filter(age -> age.compareTo(Duration.ofSeconds(1)) > 0).count();
        // One late heartbeat on a machine that has other things to do is the truth, not a fault.
        assertThat(late).as("of %d samples", seen.size()).isLessThan(Math.max(2, seen.size() / 4));
    }

    /** Waits until the pipeline says that it, or its view of the source, is held up. */
    public static void awaitOutageTold(Gateway gateway) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(20))
                .until(
                        () -> {
                            PipelineStatus now = status(gateway);
                            return now.failure() != null || !now.sourceReachable();
                        });
    }

    /** Waits until the pipeline is held up by an error that it tries to get over. */
    public static PipelineStatus.Failure awaitRetry(Gateway gateway) {
        return awaitRetry(() -> status(gateway));
    }

    static PipelineStatus.Failure awaitRetry(Gateway gateway, String pipeline) {
        return awaitRetry(() -> status(gateway, pipeline));
    }

    private static PipelineStatus.Failure awaitRetry(Supplier<PipelineStatus> status) {
        AtomicReference<PipelineStatus.Failure> seen = new AtomicReference<>();
        Awaitility.await()
                .atMost(Duration.ofSeconds(180))
                .pollInterval(Duration.ofMillis(10))
                .until(
                        () -> {
                            PipelineStatus now = status.get();
                            if (now.state() == PipelineState.FAILED) {
                                throw new AssertionError("FAILED: " + now.failure());
                            }
                            seen.set(now.failure());
                            return now.failure() != null;
                        });
        return seen.get();
    }
}
