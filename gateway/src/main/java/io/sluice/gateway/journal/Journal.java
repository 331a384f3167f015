package io.sluice.gateway.journal;

import io.sluice.connectors.spi.PipelineEvent;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The last events of all pipelines, in the order of their ids. Thread-safe; never blocks long. */
public final class Journal {

    private static final int KEPT = 5_000;

    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition added = lock.newCondition();
    private final TreeMap<Long, PipelineEvent> events = new TreeMap<>();
    private long lastId;

    public Journal(InstantSource clock) {
        this.clock = clock;
    }

    /** Notes what happened now. */
    public PipelineEvent add(String pipeline, EventKind kind, String text) {
        lock.lock();
        try {
            Instant now = clock.instant();
            // Microseconds, so that ids go on growing after a start of the gateway.
            long micros = now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
            lastId = Math.max(lastId + 1, micros);
            PipelineEvent event = new PipelineEvent(lastId, now, pipeline, kind.text(), text);
            put(event);
            added.signalAll();
            return event;
        } finally {
            lock.unlock();
        }
    }

    /** Takes up what an earlier gateway kept. */
    public void remember(List<PipelineEvent> earlier) {
        lock.lock();
        try {
            earlier.forEach(this::put);
        } finally {
            lock.unlock();
        }
    }

    private void put(PipelineEvent event) {
        events.putIfAbsent(event.id(), event);
        lastId = Math.max(lastId, event.id());
        while (events.size() > KEPT) {
            events.pollFirstEntry();
        }
    }

    /** The id of the last event; 0 where there is none. */
    public long lastId() {
        lock.lock();
        try {
            return events.isEmpty() ? 0 : events.lastKey();
        } finally {
            lock.unlock();
        }
    }

    /** The first events after {@code id}, the oldest of them first. */
    public List<PipelineEvent> after(long id, int limit) {
        lock.lock();
        try {
            return events.tailMap(id, false).values().stream().limit(limit).toList();
        } finally {
            lock.unlock();
        }
    }

    /** The last events before {@code id}, the oldest of them first. */
    public List<PipelineEvent> before(long id, int limit) {
        lock.lock();
        try {
            return events.headMap(id, false).descendingMap().values().stream()
                    .limit(limit)
                    .toList()
                    .reversed();
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #after}; waits for the first one, and returns nothing where none came in time. */
    public List<PipelineEvent> await(long id, int limit, Duration atMost)
            throws InterruptedException {
        lock.lock();
        try {
            long left = atMost.toNanos();
            while (events.higherKey(id) == null && left > 0) {
                left = added.awaitNanos(left);
            }
            return new ArrayList<>(
                    events.tailMap(id, false).values().stream().limit(limit).toList());
        } finally {
            lock.unlock();
        }
    }
}
