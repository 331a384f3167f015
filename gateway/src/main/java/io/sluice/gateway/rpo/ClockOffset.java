package io.sluice.gateway.rpo;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Optional;

/**
 * How far a database's clock is ahead of the gateway's, from question-and-answer samples. A sample
 * is off by at most half of its round trip, so the one with the shortest round trip among the last
 * few counts. One that cannot be of the same clock shows that a clock was set: those before it are
 * void. Thread-safe.
 */
public final class ClockOffset {

    private static final int SAMPLES_KEPT = 16;

    /** How far two clocks part between the first and the last of the samples, generously. */
    private static final Duration DRIFT = Duration.ofMillis(10);

    private final ArrayDeque<Sample> samples = new ArrayDeque<>(); // guarded by this

    /**
     * @param asked gateway's clock when the question left
     * @param answered gateway's clock when the answer was there
     * @param theirs the database's clock in the answer
     */
    public synchronized void sample(Instant asked, Instant answered, Instant theirs) {
        Duration roundTrip = Duration.between(asked, answered);
        if (roundTrip.isNegative()) {
            return; // the gateway's own clock was set back in between
        }
        Instant middle = asked.plus(roundTrip.dividedBy(2));
        Sample sample = new Sample(Duration.between(middle, theirs), roundTrip);
        if (best().filter(best -> !best.agreesWith(sample)).isPresent()) {
            samples.clear();
        }
        samples.add(sample);
        if (samples.size() > SAMPLES_KEPT) {
            samples.remove();
        }
    }

    /** The database's clock at the gateway's {@code now}; the same where there is no sample yet. */
    public Instant theirs(Instant now) {
        return now.plus(offset());
    }

    /** How far the database's clock is ahead; negative where it is behind. */
    public synchronized Duration offset() {
        return best().map(Sample::offset).orElse(Duration.ZERO);
    }

    /** By how much the offset may be wrong, either way; zero where there is no sample yet. */
    public synchronized Duration uncertainty() {
        return best().map(Sample::uncertainty).orElse(Duration.ZERO);
    }

    private Optional<Sample> best() {
        return samples.stream().min((a, b) -> a.roundTrip.compareTo(b.roundTrip));
    }

    private record Sample(Duration offset, Duration roundTrip) {

        Duration uncertainty() {
            return roundTrip.dividedBy(2);
        }

        boolean agreesWith(Sample other) {
            Duration apart = offset.minus(other.offset).abs();
            Duration allowed = uncertainty().plus(other.uncertainty()).plus(DRIFT);
            return apart.compareTo(allowed) <= 0;
        }
    }
}
