package io.sluice.gateway.rpo;

import io.sluice.gateway.rpo.Forecast.Estimate;
import io.sluice.gateway.rpo.Forecast.Look;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Says when a pipeline's forecast is worth telling: half of the objective is used up and the rest
 * will be within a quarter of an hour, or the source gives up unread log within the hour. Told
 * once, until the trend has been over for a while. Used by one thread.
 */
public final class ForecastAlarm {

    private static final double LEAST_CONFIDENCE = 0.85;
    private static final Duration BREACH_AHEAD = Duration.ofMinutes(15);
    private static final Duration RETENTION_AHEAD = Duration.ofHours(1);
    private static final double CALM_SECONDS = 30;

    private final Duration objective;
    private final Told breach = new Told(2);
    private final Told retention = new Told(5);

    public ForecastAlarm(Duration objective) {
        this.objective = objective;
    }

    /** What is to be told now; mostly nothing. */
    public List<String> look(Forecast forecast, Look look) {
        List<String> told = new ArrayList<>();
        Double rpo = look.rpo();
        Estimate breaks = forecast.breach();
        boolean halfGone = rpo != null && rpo >= objective.toNanos() / 2e9;
        if (breach.isNew(look.at(), halfGone && isNear(breaks, BREACH_AHEAD)) && breaks != null) {
            told.add(
                    "At its present trend the RPO is over its objective of %s in %s (confidence %.0f %%)."
                            .formatted(
                                    text(objective), text(breaks.in()), 100 * breaks.confidence()));
        }
        Estimate ends = forecast.retention();
        if (retention.isNew(look.at(), isNear(ends, RETENTION_AHEAD)) && ends != null) {
            told.add(
                    "At its present trend the source gives up log that was not read in %s (confidence %.0f %%): a new copy would be needed."
                            .formatted(text(ends.in()), 100 * ends.confidence()));
        }
        return told;
    }

    private static boolean isNear(@Nullable Estimate estimate, Duration ahead) {
        return estimate != null
                && estimate.confidence() >= LEAST_CONFIDENCE
                && estimate.in().compareTo(ahead) <= 0;
    }

    private static String text(Duration duration) {
        return duration.toSeconds() < 120
                ? String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0)
                : String.format(Locale.ROOT, "%d min", duration.toMinutes());
    }

    /** One thing to tell: after so many looks in a row, and not again before it was calm. */
    private static final class Told {
        private final int looks;
        private int inARow;
        private boolean told;
        private double seenAt;

        Told(int looks) {
            this.looks = looks;
        }

        boolean isNew(double at, boolean seen) {
            if (!seen) {
                inARow = 0;
                told = told && at - seenAt < CALM_SECONDS;
                return false;
            }
            seenAt = at;
            inARow++;
            if (told || inARow < looks) {
                return false;
            }
            told = true;
            return true;
        }
    }
}
