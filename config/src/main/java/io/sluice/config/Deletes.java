package io.sluice.config;

import java.time.Duration;
import java.util.Optional;

/**
 * How a replication without a log comes to know of deletes.
 *
 * @param sweep how often they are looked for; empty for never
 */
public record Deletes(Optional<Duration> sweep) {

    public static final Deletes DEFAULT = new Deletes(Optional.of(Duration.ofHours(1)));
    public static final Deletes IGNORED = new Deletes(Optional.empty());

    public Deletes {
        sweep.ifPresent(DurationText::requirePositive);
    }

    /** As the file spells it, in hours where it is whole ones. */
    @Override
    public String toString() {
        return sweep.map(
                        every ->
                                "{\"sweep\":\"%s\"}"
                                        .formatted(
                                                every.toMillis() % 3_600_000 == 0
                                                        ? every.toHours() + "h"
                                                        : every.toMillis() + "ms"))
                .orElse("ignore");
    }
}
