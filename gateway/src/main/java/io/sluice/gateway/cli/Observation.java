package io.sluice.gateway.cli;

import io.sluice.gateway.journal.EventKind;
import io.sluice.gateway.journal.ObjectiveWatch;
import io.sluice.gateway.pipeline.PipelineStatus;
import io.sluice.gateway.server.History;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Looks at all pipelines once a second: for their course, and for objectives that are missed. */
final class Observation {

    private final Supplier<List<PipelineStatus>> pipelines;
    private final History history;
    private final Reporter reporter;
    private final InstantSource clock;
    private final ObjectiveWatch objectives = new ObjectiveWatch();
    private final CountDownLatch stopped = new CountDownLatch(1);

    /** Where a finding goes. */
    interface Reporter {
        void report(String pipeline, EventKind kind, String text);
    }

    Observation(
            Supplier<List<PipelineStatus>> pipelines,
            History history,
            Reporter reporter,
            InstantSource clock) {
        this.pipelines = pipelines;
        this.history = history;
        this.reporter = reporter;
        this.clock = clock;
    }

    void start() {
        Thread.ofVirtual().name("observation").start(this::run);
    }

    void stop() {
        stopped.countDown();
    }

    private void run() {
        try {
            do {
                look();
            } while (!stopped.await(1, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        Instant now = clock.instant();
        List<PipelineStatus> all = pipelines.get();
        history.sample(all, now);
        for (PipelineStatus pipeline : all) {
            objectives
                    .look(pipeline, now)
                    .ifPresent(
                            finding ->
                                    reporter.report(
                                            pipeline.name(), finding.kind(), finding.text()));
        }
    }
}
