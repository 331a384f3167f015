package io.sluice.gateway.server;

import io.sluice.gateway.apply.Operation;
import io.sluice.gateway.pipeline.PipelineObserver;
import io.sluice.gateway.pipeline.PipelineStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The last quarter of an hour of each pipeline, a sample a second. Thread-safe. */
public final class History {

    private static final int KEPT = 900;

    private final Map<String, Course> courses = new ConcurrentHashMap<>();

    /**
     * What a pipeline was like at one moment.
     *
     * @param at seconds since 1970
     * @param latencySeconds the slowest source transaction that became durable since the last
     *     sample; null where none did
     * @param changes that became durable since the last sample
     */
    public record Sample(
            double at,
            @Nullable Double rpoSeconds,
            @Nullable Double latencySeconds,
            long changes,
            long transactions,
            @Nullable Long lagBytes,
            long bufferedBytes) {}

    private static final class Course {
        private final Deque<Sample> samples = new ArrayDeque<>();
        private long changes;
        private long transactions;
        private @Nullable Duration slowest;
    }

    /** Counts what a pipeline makes durable, and passes on all that it tells. */
    public PipelineObserver observer(String pipeline, PipelineObserver next) {
        return new PipelineObserver() {
            @Override
            public void applied(Map<Operation, Long> changes, List<Duration> latencies) {
                count(pipeline, changes, latencies);
                next.applied(changes, latencies);
            }

            @Override
            public void failed(String errorClass) {
                next.failed(errorClass);
            }

            @Override
            public void conflict(String type, String resolution) {
                next.conflict(type, resolution);
            }

            @Override
            public void parked(String table) {
                next.parked(table);
            }
        };
    }

    private void count(String pipeline, Map<Operation, Long> changes, Collection<Duration> took) {
        Course course = course(pipeline);
        synchronized (course) {
            for (long count : changes.values()) {
                course.changes += count;
            }
            course.transactions += took.size();
            for (Duration latency : took) {
                if (course.slowest == null || latency.compareTo(course.slowest) > 0) {
                    course.slowest = latency;
                }
            }
        }
    }

    /** Takes a sample of every pipeline. */
    public void sample(List<PipelineStatus> pipelines, Instant now) {
        pipelines.forEach(pipeline -> sample(pipeline, now));
    }

    private void sample(PipelineStatus pipeline, Instant now) {
        Course course = course(pipeline.name());
        Duration age = pipeline.exposure().age();
        synchronized (course) {
            course.samples.add(
                    new Sample(
                            now.toEpochMilli() / 1000.0,
                            age == null ? null : age.toNanos() / 1e9,
                            course.slowest == null ? null : course.slowest.toNanos() / 1e9,
                            course.changes,
                            course.transactions,
                            pipeline.lagBytes() < 0 ? null : pipeline.lagBytes(),
                            pipeline.bufferedBytes()));
            course.changes = 0;
            course.transactions = 0;
            course.slowest = null;
            if (course.samples.size() > KEPT) {
                course.samples.removeFirst();
            }
        }
    }

    /** A pipeline's samples, the oldest first. */
    public List<Sample> of(String pipeline) {
        Course course = course(pipeline);
        synchronized (course) {
            return List.copyOf(course.samples);
        }
    }

    private Course course(String pipeline) {
        return courses.computeIfAbsent(pipeline, name -> new Course());
    }
}
