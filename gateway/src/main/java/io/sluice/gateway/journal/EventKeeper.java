package io.sluice.gateway.journal;

import io.sluice.connectors.spi.EventStore;
import io.sluice.connectors.spi.PipelineEvent;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Writes one pipeline's events to its target, on a thread of its own. The queue is bounded: while
 * the target is away for long, the oldest events go. An event that is being written when an answer
 * is lost is written again; its id keeps it single.
 */
public final class EventKeeper implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EventKeeper.class);

    private static final int QUEUED = 1_000;
    private static final int TAKEN_UP = 500;
    private static final int KEPT = 10_000;
    private static final Duration KEPT_FOR = Duration.ofDays(30);
    private static final Duration PRUNED_EVERY = Duration.ofHours(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final Duration LAST_CHANCE = Duration.ofSeconds(1);

    private final String pipeline;
    private final EventStore store;
    private final Journal journal;
    private final InstantSource clock;
    private final BooleanSupplier prepared;
    private final BlockingQueue<PipelineEvent> queue = new ArrayBlockingQueue<>(QUEUED);
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;

    private boolean tookUp;
    private boolean told;
    private Instant pruned = Instant.MIN;

    /**
     * @param prepared whether the pipeline has written to its target yet; before, it has no table
     */
    public EventKeeper(
            String pipeline,
            EventStore store,
            Journal journal,
            InstantSource clock,
            BooleanSupplier prepared) {
        this.prepared = prepared;
        this.pipeline = pipeline;
        this.store = store;
        this.journal = journal;
        this.clock = clock;
        this.thread = Thread.ofVirtual().name("events " + pipeline).unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    /** Never waits. */
    public void keep(PipelineEvent event) {
        while (!queue.offer(event)) {
            queue.poll();
        }
    }

    /** Writes what is at hand, once and within a second, and ends. */
    @Override
    public void close() throws InterruptedException {
        closing.countDown();
        thread.join(LAST_CHANCE);
    }

    private void run() {
        MDC.put("pipeline", pipeline);
        try {
            List<PipelineEvent> batch = new ArrayList<>();
            Duration pause = Duration.ofMillis(500);
            while (!isClosing() || !(queue.isEmpty() && batch.isEmpty())) {
                fill(batch);
                if (batch.isEmpty() || write(batch)) {
                    batch.clear();
                    pause = Duration.ofMillis(500);
                } else if (closing.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                    fill(batch);
                    write(batch);
                    return;
                } else {
                    pause = min(pause.multipliedBy(2), LONGEST_PAUSE);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isClosing() {
        return closing.getCount() == 0;
    }

    private void fill(List<PipelineEvent> batch) throws InterruptedException {
        if (batch.isEmpty()) {
            PipelineEvent first = queue.poll(200, TimeUnit.MILLISECONDS);
            if (first != null) {
                batch.add(first);
            }
        }
        queue.drainTo(batch, Math.max(0, 200 - batch.size()));
    }

    private boolean write(List<PipelineEvent> batch) {
        try {
            if (!tookUp) {
                journal.remember(store.latest(TAKEN_UP));
                tookUp = true;
            }
            store.add(batch);
            told = false;
        } catch (RuntimeException e) { // whatever it is, later events are to be kept
            if ((tookUp || prepared.getAsBoolean()) && !told && !isClosing()) {
                LOG.warn("Events are not kept in the target: {}", e.getMessage());
                told = true;
            }
            return false;
        }
        prune();
        return true;
    }

    /** What cannot be forgotten now is forgotten later; what was added is not added again. */
    private void prune() {
        Instant now = clock.instant();
        if (now.isAfter(pruned.equals(Instant.MIN) ? pruned : pruned.plus(PRUNED_EVERY))) {
            pruned = now;
            try {
                store.keep(now.minus(KEPT_FOR), KEPT);
            } catch (RuntimeException e) {
                LOG.warn("Old events stay in the target: {}", e.getMessage());
            }
        }
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
