package io.sluice.gateway.pipeline;

import io.sluice.change.SourcePosition;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.LogGapException;
import io.sluice.connectors.spi.SourceProbe;
import io.sluice.gateway.rpo.ClockOffset;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Measures a pipeline's source at every heartbeat: its clock, the end of its log; and commits the
 * heartbeat itself. Owns its thread.
 */
final class ProbeLoop {

    private static final Logger LOG = LoggerFactory.getLogger(ProbeLoop.class);

    private final String pipeline;
    private final SourceProbe probe;
    private final Duration interval;
    private final InstantSource clock;
    private final ClockOffset offset;
    private final Reader reader;
    private final StopSignal stop = new StopSignal();
    private final Thread thread;

    /** Which log is read: the gap of one says nothing of the next. */
    private final AtomicLong logs = new AtomicLong();

    /** Which reading of it is measured: each may begin with another selection. */
    private final AtomicLong readings = new AtomicLong();

    private volatile Room room = new Room(-1, null);
    private volatile State state = new State(false, null, null, -1, 0, false, 0, null);

    // The prober's own: what was read at the last look, and where its end was; null before.
    private long reading;
    private @Nullable String log;
    private @Nullable SourcePosition intactAt;

    /**
     * @param reachable whether the source answered last time
     * @param clock the source's, when it last answered
     * @param position the end of its log when it last answered
     * @param retainedBytes log that it keeps for the pipeline; -1 unknown
     * @param heartbeats how many were committed at the source so far
     * @param endsBefore whether the log ends before what the target held already when it was asked
     * @param number of the log that is read; a new one with each log that is begun
     * @param gap what the reader cannot notice: its log is no longer the one that it began with
     */
    record State(
            boolean reachable,
            @Nullable Instant clock,
            @Nullable SourcePosition position,
            long retainedBytes,
            long heartbeats,
            boolean endsBefore,
            long number,
            @Nullable LogGapException gap) {

        /** What the log has beyond a position; -1 unknown. */
        long bytesSince(@Nullable SourcePosition from) {
            return position == null || from == null ? -1 : position.bytesSince(from).orElse(-1);
        }

        private State ofLog(long logNow) {
            return number == logNow
                    ? this
                    : new State(
                            reachable,
                            clock,
                            position,
                            retainedBytes,
                            heartbeats,
                            endsBefore,
                            logNow,
                            null);
        }
    }

    /**
     * How long the source's log lasts.
     *
     * @param bytes that can yet be written until what was not read is given up; -1 unknown, or
     *     never
     * @param keptFor how long it is kept, whoever reads it; null where time does not matter
     */
    record Room(long bytes, @Nullable Duration keptFor) {}

    /** Who reads the log that is measured. */
    interface Reader {

        /** Whether it is being read; heartbeats before would only be log. */
        boolean reads();

        /** What the target holds; null before there is anything. */
        @Nullable SourcePosition holds();
    }

    ProbeLoop(
            String pipeline,
            SourceProbe probe,
            Duration interval,
            InstantSource clock,
            ClockOffset offset,
            Reader reader) {
        this.pipeline = pipeline;
        this.probe = probe;
        this.interval = interval;
        this.clock = clock;
        this.offset = offset;
        this.reader = reader;
        this.thread = Thread.ofVirtual().name("probe " + pipeline).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    State state() {
        return state.ofLog(logs.get());
    }

    Room room() {
        return room;
    }

    /** The log is about to be read anew; what it is now is what it has to stay. */
    void readAnew() {
        readings.incrementAndGet();
    }

    /**
     * Another log was begun, from which everything is copied: the gap of the one before is over.
     * Until then it stays, whoever reads: what lies in it is missing.
     */
    void logBegun() {
        logs.incrementAndGet();
        readAnew();
    }

    /** Ends the loop; a probe that hangs is left behind to time out. */
    void stop() {
        stop.request();
    }

    private void run() {
        MDC.put("pipeline", pipeline);
        try (probe) {
            do {
                measure();
            } while (!stop.await(interval));
        }
    }

    /** One look, by the loop. */
    void measure() {
        State before = state();
        forgetFormerReading();
        try {
            SourcePosition held = reader.holds();
            Instant asked = clock.instant();
            SourceProbe.Reading found = probe.read();
            offset.sample(asked, clock.instant(), found.clock());
            OptionalLong left = probe.roomBytes();
            room =
                    new Room(
                            left.isPresent() ? Math.max(0, left.getAsLong()) : -1,
                            probe.keepsLogFor().orElse(null));
            long heartbeats = before.heartbeats;
            LogGapException gap = before.gap;
            boolean reads = reader.reads();
            if (reads) {
                // What was found before the log was read anew says nothing of this reading.
                gap = gap == null && reading == readings.get() ? gap(found) : gap;
                probe.heartbeat();
                heartbeats++;
            }
            state =
                    new State(
                            true,
                            found.clock(),
                            found.position(),
                            found.retainedBytes(),
                            heartbeats,
                            reads && held != null && !found.position().covers(held),
                            before.number,
                            gap);
        } catch (ConnectorException e) {
            state =
                    new State(
                            false,
                            before.clock,
                            before.position,
                            before.retainedBytes,
                            before.heartbeats,
                            before.endsBefore,
                            before.number,
                            before.gap);
            if (before.reachable && !stop.isRequested()) {
                LOG.warn("The source does not answer: {}", e.getMessage());
            }
        }
    }

    private void forgetFormerReading() {
        long now = readings.get();
        if (now != reading) {
            reading = now;
            log = null;
            intactAt = null;
        }
    }

    /** A server may go on without the publication that it was told to send, and send nothing. */
    private @Nullable LogGapException gap(SourceProbe.Reading found) {
        if (found.log() != null && (log == null || log.equals(found.log()))) {
            log = found.log();
            intactAt = found.position();
            return null;
        }
        String from = intactAt == null ? "unknown" : intactAt.text();
        String to = found.position().text();
        return new LogGapException(
                ("The publication of %1$s was dropped or changed while it was read. The changes"
                                + " from %2$s to %3$s may be missing. Copy again: sluice recopy -c FILE '%1$s'")
                        .formatted(pipeline, from, to),
                from,
                to);
    }
}
