package io.sluice.gateway.cli;

import io.sluice.gateway.pipeline.PipelineStatus;
import io.sluice.gateway.server.History;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/** Looks at all pipelines once a second: for their course, and for their objectives. */
final class Observation {

    private final Supplier<List<PipelineStatus>> pipelines;
    private final History history;
    private final BiConsumer<PipelineStatus, Instant> look;
    private final InstantSource clock;
    private final CountDownLatch stopped = new CountDownLatch(1);

    Observation(
            Supplier<List<PipelineStatus>> pipelines,
            History history,
            BiConsumer<PipelineStatus, Instant> look,
            InstantSource clock) {
        this.pipelines = pipelines;
        this.history = history;
        this.look = look;
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
        all.forEach(pipeline -> look.accept(pipeline, now));
    }
}
