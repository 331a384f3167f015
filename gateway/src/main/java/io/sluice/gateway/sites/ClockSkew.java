package io.sluice.gateway.sites;

import io.sluice.gateway.rpo.ClockOffset;
import java.time.Duration;
import java.util.Locale;

/**
 * How far one site's clock is ahead of another's. Both were measured by the gateway's, which
 * cancels out.
 *
 * @param ahead negative where it is behind
 * @param uncertainty by how much that may be wrong, either way
 */
public record ClockSkew(Duration ahead, Duration uncertainty) {

    static ClockSkew between(ClockOffset site, ClockOffset other) {
        return new ClockSkew(
                site.offset().minus(other.offset()), site.uncertainty().plus(other.uncertainty()));
    }

    /** Whether the clocks are further apart than that, however wrong the measurement is. */
    boolean isBeyond(Duration limit) {
        return ahead.abs().minus(uncertainty).compareTo(limit) > 0;
    }

    /** What it means that it is beyond the limit. */
    String text(String site, String other, Duration limit) {
        String first = ahead.isNegative() ? other : site;
        String last = ahead.isNegative() ? site : other;
        return "The clock of %1$s is %2$s ahead of that of %3$s, give or take %4$s: more than maxClockSkew (%5$s). Where the later write wins, what %3$s writes loses against what %1$s wrote up to %2$s before."
                .formatted(first, seconds(ahead.abs()), last, seconds(uncertainty), seconds(limit));
    }

    static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.3f s", duration.toNanos() / 1e9);
    }
}
