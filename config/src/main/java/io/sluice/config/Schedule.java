package io.sluice.config;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * When something is done again and again: {@code every 6h}, counted from the epoch, so that it is
 * due at the same times whenever the gateway was started; or the five fields of cron, in UTC or in
 * the time zone that stands behind them.
 */
public sealed interface Schedule {

    /** The gateway looks at its clock no more often. */
    Duration SHORTEST = Duration.ofSeconds(1);

    /** The first time after {@code moment}, and never that itself. */
    Instant next(Instant moment);

    /**
     * @throws IllegalArgumentException saying what the form is
     */
    static Schedule parse(String text) {
        String stripped = text.strip();
        if (stripped.startsWith("every ")) {
            return new Every(DurationText.parse(stripped.substring("every ".length()).strip()));
        }
        String[] words = stripped.split("\\s+");
        if (words.length != CronFields.COUNT && words.length != CronFields.COUNT + 1) {
            throw new IllegalArgumentException(
                    "must be `every` and a duration, such as `every 6h`, or five fields of cron,"
                            + " such as `30 2 * * mon-fri`, and a time zone if it is not UTC");
        }
        return new Cron(
                CronFields.parse(words),
                words.length == CronFields.COUNT ? ZoneOffset.UTC : zone(words[CronFields.COUNT]));
    }

    private static ZoneId zone(String name) {
        try {
            return ZoneId.of(name);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "there is no time zone " + Fields.shown(name) + "; one is `Europe/Berlin`");
        }
    }

    /** At every multiple of a time since the epoch. */
    record Every(Duration interval) implements Schedule {

        public Every {
            if (interval.compareTo(SHORTEST) < 0) {
                throw new IllegalArgumentException("must be every 1s or more seldom");
            }
        }

        @Override
        public Instant next(Instant moment) {
            long millis = interval.toMillis();
            return Instant.ofEpochMilli(
                    (Math.floorDiv(moment.toEpochMilli(), millis) + 1) * millis);
        }
    }

    /**
     * At the minutes that the fields name, as the clocks of a zone show them. A minute that is
     * skipped when the clocks are put forward is due right after, one that comes twice is due once.
     */
    record Cron(CronFields fields, ZoneId zone) implements Schedule {

        @Override
        public Instant next(Instant moment) {
            return fields.next(moment, zone);
        }
    }
}
