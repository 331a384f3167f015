package io.sluice.gateway.rpo;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a pipeline at its present trend. Pure: made of what was seen of late.
 *
 * @param catchUp until nothing of the log is missing; null where the backlog does not shrink
 * @param breach until the RPO is over its objective; null where it does not tend there, or is
 * @param retention until the source gives up log that the pipeline has not read; null where it does
 *     not tend there
 */
public record Forecast(
        @Nullable Estimate catchUp, @Nullable Estimate breach, @Nullable Estimate retention) {

    public static final Forecast NONE = new Forecast(null, null, null);

    /** What tends somewhere more slowly than this has no forecast. */
    private static final Duration HORIZON = Duration.ofDays(7);

    /** A line through fewer looks is no trend. */
    private static final int FEWEST = 8;

    /** The last so many looks, the shortest first: the first that lie on a line make the trend. */
    private static final int[] LOOKS = {10, 30, 120, 600};

    /** The room falls in teeth of some seconds, as the source lets go of its log file by file. */
    private static final int[] LOOKS_AT_ROOM = {120, 600};

    /** So many looks see enough of the teeth. */
    private static final int FEWEST_AT_ROOM = 100;

    /** How well looks have to lie on a line for it to be a trend. */
    private static final double LEAST_FIT = 0.85;

    /** What stands still may go on the next moment, as after one large transaction. */
    private static final double HELD = 0.9;

    private static final int HELD_LOOKS = 4;

    /** Below this an RPO is noise: seconds. */
    private static final double NOISE = 0.5;

    /**
     * @param in when
     * @param confidence how well the looks lie on the line, from 0 to 1
     */
    public record Estimate(Duration in, double confidence) {}

    /**
     * One look.
     *
     * @param at seconds of any clock that goes on
     * @param rpo seconds; null where unknown
     * @param backlog bytes of log that the target lacks; null where unknown
     * @param room bytes, or seconds, of log that the source can yet write until it gives up what
     *     the pipeline has not read; null where that is unknown or does not happen
     * @param isBlind whether the RPO is the time since the last proof, growing with the clock
     */
    public record Look(
            double at,
            @Nullable Double rpo,
            @Nullable Double backlog,
            @Nullable Double room,
            boolean isBlind) {}

    /**
     * @param looks at most a second or so apart, the oldest first
     * @param objective of the RPO
     */
    public static Forecast of(List<Look> looks, Duration objective) {
        if (looks.isEmpty()) {
            return NONE;
        }
        Look now = looks.getLast();
        return new Forecast(
                catchUp(looks, now), breach(looks, now, objective), retention(looks, now));
    }

    private static @Nullable Estimate catchUp(List<Look> looks, Look now) {
        Double backlog = now.backlog();
        Line line = backlog == null ? null : trend(looks, Look::backlog, LOOKS, FEWEST);
        return backlog == null || line == null || line.slope() >= 0 || backlog <= 0
                ? null
                : estimate(backlog / -line.slope(), line.fit());
    }

    private static @Nullable Estimate breach(List<Look> looks, Look now, Duration objective) {
        Double rpo = now.rpo();
        double limit = objective.toNanos() / 1e9;
        if (rpo == null || rpo > limit || rpo < Math.min(NOISE, limit / 10)) {
            return null;
        }
        if (now.isBlind()) {
            return estimate(limit - rpo, 1); // nothing is as sure as the clock
        }
        if (growsWithTheClock(looks)) {
            return estimate(limit - rpo, HELD);
        }
        Line line = trend(looks, Look::rpo, LOOKS, FEWEST);
        return line == null || line.slope() <= 0
                ? null
                : estimate((limit - rpo) / line.slope(), line.fit());
    }

    /** The same commit has been the oldest for a few looks: nothing becomes durable. */
    private static boolean growsWithTheClock(List<Look> looks) {
        if (looks.size() < HELD_LOOKS) {
            return false;
        }
        List<Look> last = looks.subList(looks.size() - HELD_LOOKS, looks.size());
        for (int i = 1; i < last.size(); i++) {
            Double before = last.get(i - 1).rpo();
            Double after = last.get(i).rpo();
            double time = last.get(i).at() - last.get(i - 1).at();
            if (before == null || after == null || Math.abs(after - before - time) > time / 20) {
                return false;
            }
        }
        return true;
    }

    private static @Nullable Estimate retention(List<Look> looks, Look now) {
        Double room = now.room();
        Line line = room == null ? null : trend(looks, Look::room, LOOKS_AT_ROOM, FEWEST_AT_ROOM);
        return room == null || line == null || line.slope() >= 0
                ? null
                : estimate(Math.max(0, room) / -line.slope(), line.fit());
    }

    private static @Nullable Estimate estimate(double seconds, double confidence) {
        return seconds > HORIZON.toSeconds()
                ? null
                : new Estimate(Duration.ofNanos((long) (seconds * 1e9)), confidence);
    }

    /** What is drawn of a look. */
    private interface Value {
        @Nullable Double of(Look look);
    }

    private static @Nullable Line trend(
            List<Look> looks, Value value, int[] stretches, int fewest) {
        for (int count : stretches) {
            List<Look> last = looks.subList(Math.max(0, looks.size() - count), looks.size());
            List<Look> known = last.stream().filter(look -> value.of(look) != null).toList();
            Line line = known.size() < fewest ? null : Line.through(known, value);
            if (line != null && line.fit() >= LEAST_FIT) {
                return line;
            }
        }
        return null;
    }

    /**
     * Of least squares.
     *
     * @param slope a second
     * @param fit the part of the variance that the line explains
     */
    private record Line(double slope, double fit) {

        static @Nullable Line through(List<Look> looks, Value value) {
            double n = looks.size();
            double origin = looks.getFirst().at();
            double x = 0;
            double y = 0;
            for (Look look : looks) {
                x += (look.at() - origin) / n;
                y += number(value.of(look)) / n;
            }
            double xx = 0;
            double xy = 0;
            double yy = 0;
            for (Look look : looks) {
                double dx = look.at() - origin - x;
                double dy = number(value.of(look)) - y;
                xx += dx * dx;
                xy += dx * dy;
                yy += dy * dy;
            }
            return xx == 0 || yy == 0 ? null : new Line(xy / xx, xy * xy / (xx * yy));
        }

        private static double number(@Nullable Double value) {
            return value == null ? 0 : value;
        }
    }
}
