package io.sluice.gateway.snapshot;

import io.sluice.connectors.spi.ReplicaLag;
import io.sluice.connectors.spi.SourceDatabase;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** Asks the source for its replicas, once a second, and pauses the copy while one lags. */
final class LagWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LagWatch.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    private final SourceDatabase source;
    private final Duration most;
    private final CopyThrottle throttle;
    private final CopyMonitor monitor;
    private final CountDownLatch closed = new CountDownLatch(1);

    private LagWatch(
            SourceDatabase source, Duration most, CopyThrottle throttle, CopyMonitor monitor) {
        this.source = source;
        this.most = most;
        this.throttle = throttle;
        this.monitor = monitor;
    }

    /**
     * @param most how far behind a replica may be; null for any
     * @return null where nothing is to be watched
     */
    static @Nullable LagWatch start(
            String pipeline,
            SourceDatabase source,
            @Nullable Duration most,
            CopyThrottle throttle,
            CopyMonitor monitor) {
        if (most == null) {
            return null;
        }
        LagWatch watch = new LagWatch(source, most, throttle, monitor);
        watch.look(); // no part is begun before it is known
        Thread.ofVirtual().name("lag " + pipeline).start(() -> watch.run(pipeline));
        return watch;
    }

    private void run(String pipeline) {
        MDC.put("pipeline", pipeline);
        try {
            while (!closed.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
                look();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        String reason = null;
        try {
            reason = reason(source.replicaLag(), most);
        } catch (RuntimeException e) {
            // Nothing is held back by what is not known.
            LOG.warn("How far replicas of the source lag is not known: {}", e.getMessage());
        }
        found(reason);
    }

    private synchronized void found(@Nullable String reason) {
        if (closed.getCount() > 0) {
            throttle.pause(reason != null);
            monitor.paused(reason);
        }
    }

    /** Why the copy is to wait; null if it is not. */
    static @Nullable String reason(Optional<ReplicaLag> lag, Duration most) {
        return lag.filter(found -> found.lag().compareTo(most) > 0)
                .map(
                        found ->
                                String.format(
                                        Locale.ROOT,
                                        "%s lags %.1f s behind, more than %.1f s",
                                        found.replica(),
                                        found.lag().toMillis() / 1e3,
                                        most.toMillis() / 1e3))
                .orElse(null);
    }

    @Override
    public synchronized void close() {
        closed.countDown();
        monitor.paused(null);
    }
}
