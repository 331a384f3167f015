package io.sluice.gateway.conflicts;

import io.sluice.connectors.spi.ConflictStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Forgets a pipeline's old conflicts, in small transactions of its own, on a thread of its own.
 * What waits for a person is never forgotten; where that is more than is to be kept, the log says
 * so.
 */
public final class ConflictKeeper implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ConflictKeeper.class);

    private static final Duration EVERY = Duration.ofMinutes(1);
    private static final Duration WARNING = Duration.ofHours(1);
    private static final Duration LAST_CHANCE = Duration.ofSeconds(1);
    private static final int BATCH = 2_000;

    private final String pipeline;
    private final ConflictStore store;
    private final Duration age;
    private final long count;
    private final InstantSource clock;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;
    private Instant warned = Instant.MIN;

    /**
     * @param store the pipeline's
     * @param count how many are kept
     */
    public ConflictKeeper(
            String pipeline, ConflictStore store, Duration age, long count, InstantSource clock) {
        this.pipeline = pipeline;
        this.store = store;
        this.age = age;
        this.count = count;
        this.clock = clock;
        this.thread = Thread.ofVirtual().name("conflicts " + pipeline).unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    @Override
    public void close() throws InterruptedException {
        closing.countDown();
        if (thread.isAlive()) {
            thread.join(LAST_CHANCE);
        }
    }

    private void run() {
        MDC.put("pipeline", pipeline);
        try {
            while (!closing.await(EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
                try {
                    forget();
                } catch (RuntimeException e) { // whatever it is, it is tried again
                    LOG.warn("Old conflicts stay on record: {}", e.getMessage());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One round; also for whoever wants it done now. */
    void forget() {
        Instant now = clock.instant();
        while (closing.getCount() > 0 && store.forget(now.minus(age), count, BATCH) > 0) {
            LOG.debug("Forgot old conflicts");
        }
        long open = store.open();
        if (open > count
                && now.isAfter(warned.equals(Instant.MIN) ? warned : warned.plus(WARNING))) {
            warned = now;
            LOG.warn(
                    "{} parked conflicts wait for somebody, more than the {} that are kept: they stay, and take room. See `sluice conflicts list --open`.",
                    open,
                    count);
        }
    }
}
