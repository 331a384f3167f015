package io.sluice.gateway.rpo;

import io.sluice.connectors.spi.ObjectiveStore.Breach;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a pipeline kept its objective in a span of days, in UTC.
 *
 * @param first when its RPO was first known; null where it never was
 * @param all of the time up to now
 * @param days those in which anything was to be kept
 */
public record ObjectiveReport(
        Objective objective,
        @Nullable Instant first,
        Tally all,
        List<Day> days,
        List<Breach> breaches) {

    /** One day of it. */
    public record Day(LocalDate date, Tally tally) {}

    /** Whether the target was reached; null where nothing was to be kept. */
    public @Nullable Boolean isMet() {
        return all.held().isZero() ? null : all.attained() >= objective.target();
    }

    /** How much of the time to which the objective applied it might have been missed. */
    public Duration budget() {
        return objective.part(all.held());
    }

    public static ObjectiveReport of(ObjectiveLedger ledger, LocalDate from, LocalDate until) {
        List<Day> days = new ArrayList<>();
        Tally all = Tally.NOTHING;
        for (LocalDate date = from; date.isBefore(until); date = date.plusDays(1)) {
            Tally tally = ledger.between(begin(date), begin(date.plusDays(1)));
            if (!tally.equals(Tally.NOTHING)) {
                days.add(new Day(date, tally));
                all = all.plus(tally);
            }
        }
        return new ObjectiveReport(
                ledger.objective(),
                ledger.first(),
                all,
                days,
                ledger.breaches(begin(from), begin(until)));
    }

    static Instant begin(LocalDate date) {
        return date.atStartOfDay(ZoneOffset.UTC).toInstant();
    }
}
