package io.sluice.connectors.spi;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a pipeline kept its RPO objective, kept in its target. Each call has a connection of its own
 * and is durable when it returns; throws {@link ConnectorException}. Thread-safe.
 */
public interface ObjectiveStore {

    /** What is known of the time from {@code since} up to {@code until}. */
    Kept load(Instant since, Instant until);

    /**
     * Writes times and breaches in the place of what was written of them before, if the pipeline is
     * the holder's.
     *
     * @return false if it is another's, who alone knows now how the objective is kept
     */
    boolean save(Holder holder, List<Time> times, List<Breach> breaches);

    /** Forgets the times and the breaches that began before {@code since}. */
    void forget(Instant since);

    /**
     * @param first when the RPO of the pipeline was first known; null where it never was
     * @param times in no order
     * @param breaches that had not ended before the time that was asked for, in their order
     */
    record Kept(@Nullable Instant first, List<Time> times, List<Breach> breaches) {}

    /**
     * What one run of a gateway saw in one slot of time.
     *
     * @param slot its beginning
     * @param run which run of a gateway; two may see the same slot
     * @param began when that run began to look in it
     */
    record Time(
            Instant slot,
            long run,
            Instant began,
            Duration kept,
            Duration over,
            Duration unknown,
            Duration exempt,
            Duration worst) {

        public Time {
            Objects.requireNonNull(slot);
            Objects.requireNonNull(began);
        }
    }

    /**
     * @param started identifies it
     * @param ended null while it lasts
     * @param cause without row values
     */
    record Breach(
            Instant started,
            @Nullable Instant ended,
            String cause,
            Duration worst,
            Duration objective) {

        public Breach {
            Objects.requireNonNull(started);
            Objects.requireNonNull(cause);
        }
    }
}
