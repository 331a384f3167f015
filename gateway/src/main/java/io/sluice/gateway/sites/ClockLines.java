package io.sluice.gateway.sites;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the log that the clocks of two sites are further apart than they may be: when that
 * begins, once an hour while it lasts, and when it is over. Used by one thread.
 */
public final class ClockLines {

    private static final Logger LOG = LoggerFactory.getLogger(ClockLines.class);

    private static final Duration PAUSE = Duration.ofHours(1);

    private final String replication;
    private final String site;
    private final String other;
    private final Duration limit;
    private @Nullable Instant warned;

    public ClockLines(String replication, String site, String other, Duration limit) {
        this.replication = replication;
        this.site = site;
        this.other = other;
        this.limit = limit;
    }

    /**
     * @param measured how far the site is ahead of the other one; empty where one does not answer,
     *     which changes nothing
     */
    public void look(Optional<ClockSkew> measured, Instant now) {
        Instant last = warned;
        measured.ifPresent(
                skew -> {
                    if (skew.isBeyond(limit)) {
                        warn(skew, last, now);
                    } else if (last != null && isOver(skew)) {
                        warned = null;
                        LOG.info(
                                "{}: the clocks of {} and {} are {} apart, which is within maxClockSkew again.",
                                replication,
                                site,
                                other,
                                ClockSkew.seconds(skew.ahead().abs()));
                    }
                });
    }

    private void warn(ClockSkew skew, @Nullable Instant last, Instant now) {
        if (last == null || Duration.between(last, now).abs().compareTo(PAUSE) >= 0) {
            warned = now;
            LOG.warn("{}: {} Set the clocks right.", replication, skew.text(site, other, limit));
        }
    }

    /** Clearly so: what lies about the limit would be told of again and again. */
    private boolean isOver(ClockSkew skew) {
        return skew.ahead().abs().compareTo(limit.multipliedBy(9).dividedBy(10)) <= 0;
    }
}
