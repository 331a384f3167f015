package io.sluice.gateway.cli;

import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.pipeline.PipelineStatus;
import io.sluice.gateway.snapshot.BuildMonitor;
import io.sluice.gateway.snapshot.CopyMonitor;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** A line for each pipeline now and then: often while it copies, once a minute while it streams. */
final class ProgressLog {

    private static final Logger LOG = LoggerFactory.getLogger(ProgressLog.class);
    private static final Duration WHILE_COPYING = Duration.ofSeconds(5);
    private static final Duration WHILE_STREAMING = Duration.ofMinutes(1);

    private final Supplier<List<PipelineStatus>> pipelines;
    private final InstantSource clock;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Map<String, Said> said = new HashMap<>();

    private record Said(Instant at, long changes) {}

    ProgressLog(Supplier<List<PipelineStatus>> pipelines, InstantSource clock) {
        this.pipelines = pipelines;
        this.clock = clock;
    }

    void start() {
        Thread.ofVirtual().name("progress log").start(this::run);
    }

    void stop() {
        stopped.countDown();
    }

    private void run() {
        try {
            while (!stopped.await(1, TimeUnit.SECONDS)) {
                pipelines.get().forEach(this::look);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look(PipelineStatus pipeline) {
        Instant now = clock.instant();
        Said last =
                said.computeIfAbsent(
                        pipeline.name(), n -> new Said(now, pipeline.appliedChanges()));
        boolean copying = pipeline.state() == PipelineState.COPYING;
        Duration passed = Duration.between(last.at, now);
        if (passed.compareTo(copying ? WHILE_COPYING : WHILE_STREAMING) < 0) {
            return;
        }
        said.put(pipeline.name(), new Said(now, pipeline.appliedChanges()));
        MDC.put("pipeline", pipeline.name());
        try {
            CopyMonitor.Progress copy = pipeline.copy();
            BuildMonitor.Progress builds = pipeline.builds();
            LOG.info(
                    !builds.building().isEmpty()
                            ? buildLine(builds)
                            : copying && copy != null
                                    ? copyLine(copy)
                                    : streamLine(pipeline, last, passed.toMillis() / 1000.0));
        } finally {
            MDC.remove("pipeline");
        }
    }

    static String buildLine(BuildMonitor.Progress builds) {
        return "building: %d of %d done, now %s"
                .formatted(builds.done(), builds.all(), String.join(", ", builds.building()));
    }

    static String copyLine(CopyMonitor.Progress copy) {
        return String.format(
                Locale.ROOT,
                "copying: %d of %d tables, %d of %d chunks, %,d of about %,d rows, %,d rows/s,"
                        + " %s/s, %s left%s",
                copy.tablesDone(),
                copy.tables(),
                copy.chunksDone(),
                copy.chunks(),
                copy.rows(),
                copy.rowsExpected(),
                copy.rowsPerSecond(),
                CopyForecast.size(copy.bytesPerSecond()),
                copy.remaining() == null ? "unknown time" : CopyForecast.time(copy.remaining()),
                copy.paused() == null ? "" : "; pauses: " + copy.paused());
    }

    private static String streamLine(PipelineStatus pipeline, Said last, double seconds) {
        return String.format(
                Locale.ROOT,
                "%s: applied %,d changes (%.0f/s), RPO %s, lag %s",
                pipeline.state().name().toLowerCase(Locale.ROOT),
                pipeline.appliedChanges(),
                (pipeline.appliedChanges() - last.changes) / seconds,
                rpo(pipeline.exposure().age()),
                pipeline.lagBytes() < 0 ? "unknown" : "%,d bytes".formatted(pipeline.lagBytes()));
    }

    private static String rpo(@Nullable Duration age) {
        return age == null
                ? "unknown"
                : String.format(Locale.ROOT, "%.1f s", age.toMillis() / 1000.0);
    }
}
