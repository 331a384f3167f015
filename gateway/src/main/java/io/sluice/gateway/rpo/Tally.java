package io.sluice.gateway.rpo;

import java.time.Duration;

/**
 * How a time was spent.
 *
 * @param kept the RPO was known and within the objective
 * @param over the RPO was over it
 * @param unknown the gateway could not tell the RPO
 * @param exempt no objective applied, as to what was loaded once and for all
 * @param unwatched no gateway looked
 * @param worst the highest RPO that was seen
 */
public record Tally(
        Duration kept,
        Duration over,
        Duration unknown,
        Duration exempt,
        Duration unwatched,
        Duration worst) {

    public static final Tally NOTHING =
            new Tally(
                    Duration.ZERO,
                    Duration.ZERO,
                    Duration.ZERO,
                    Duration.ZERO,
                    Duration.ZERO,
                    Duration.ZERO);

    /** What a look found of the time since the look before. */
    public enum Outcome {
        KEPT,
        OVER,
        UNKNOWN,
        EXEMPT
    }

    Tally with(Outcome outcome, Duration time, Duration rpo) {
        return plus(
                new Tally(
                        outcome == Outcome.KEPT ? time : Duration.ZERO,
                        outcome == Outcome.OVER ? time : Duration.ZERO,
                        outcome == Outcome.UNKNOWN ? time : Duration.ZERO,
                        outcome == Outcome.EXEMPT ? time : Duration.ZERO,
                        Duration.ZERO,
                        outcome == Outcome.EXEMPT ? Duration.ZERO : rpo));
    }

    Tally plus(Tally other) {
        return new Tally(
                kept.plus(other.kept),
                over.plus(other.over),
                unknown.plus(other.unknown),
                exempt.plus(other.exempt),
                unwatched.plus(other.unwatched),
                worst.compareTo(other.worst) > 0 ? worst : other.worst);
    }

    /**
     * The rest of a time was not looked at. Two gateways that looked at once make no more of it:
     * what one of them has seen to be kept was kept, whatever the other could not see.
     */
    Tally filling(Duration time) {
        Duration more = time.minus(looked());
        if (!more.isNegative()) {
            return new Tally(kept, over, unknown, exempt, unwatched.plus(more), worst);
        }
        Duration tooMuch = more.negated();
        Duration lessUnknown = shorter(tooMuch, unknown);
        Duration lessOver = shorter(tooMuch.minus(lessUnknown), over);
        Duration lessKept = shorter(tooMuch.minus(lessUnknown).minus(lessOver), kept);
        return new Tally(
                kept.minus(lessKept),
                over.minus(lessOver),
                unknown.minus(lessUnknown),
                exempt,
                unwatched,
                worst);
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    Duration looked() {
        return kept.plus(over).plus(unknown).plus(exempt);
    }

    /** The time to which the objective applied. */
    public Duration held() {
        return kept.plus(notKept());
    }

    /** The time in which nothing proves that the objective was kept. */
    public Duration notKept() {
        return over.plus(unknown).plus(unwatched);
    }

    /** The part of the time that was kept, 1 where there was no time to keep it in. */
    public double attained() {
        return held().isZero() ? 1 : (double) kept.toNanos() / held().toNanos();
    }
}
