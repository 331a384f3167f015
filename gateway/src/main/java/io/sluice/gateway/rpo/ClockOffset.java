package io.sluice.gateway.rpo;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;

/**
 * How far a database's clock is ahead of the gateway's, from question-and-answer samples. A sample
 * is off by at most half of its round trip, so the one with the shortest round trip among the last
 * few counts. Thread-safe.
 */
public final class ClockOffset {

    private static final int SAMPLES_KEPT = 16;

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
        samples.add(new Sample(Duration.between(middle, theirs), roundTrip));
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
        return samples.stream()
                .min((a, b) -> a.roundTrip.compareTo(b.roundTrip))
                .map(Sample::offset)
                .orElse(Duration.ZERO);
    }

    private record Sample(Duration offset, Duration roundTrip) {}
}
