package io.sluice.config;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The five fields of cron: minute, hour, day of the month, month, day of the week. As in cron, a
 * day is due that either of the two day fields names, if neither of them begins with {@code *}.
 *
 * @param eitherDay whether one of the two day fields is enough
 */
record CronFields(
        BitSet minutes,
        BitSet hours,
        BitSet days,
        BitSet months,
        BitSet weekdays,
        boolean eitherDay) {

    static final int COUNT = 5;

    /** The 29th of February comes after eight years at the latest, with its weekday after 40. */
    private static final int LONGEST_YEARS = 41;

    private static final List<String> MONTHS =
            List.of(
                    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov",
                    "dec");
    private static final List<String> WEEKDAYS =
            List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat");

    static CronFields parse(String[] words) {
        BitSet weekdays = field("day of the week", words[4], 0, 7, WEEKDAYS, 0);
        if (weekdays.get(7)) {
            weekdays.set(0);
            weekdays.clear(7);
        }
        CronFields fields =
                new CronFields(
                        field("minute", words[0], 0, 59, List.of(), 0),
                        field("hour", words[1], 0, 23, List.of(), 0),
                        field("day of the month", words[2], 1, 31, List.of(), 0),
                        field("month", words[3], 1, 12, MONTHS, 1),
                        weekdays,
                        !words[2].startsWith("*") && !words[4].startsWith("*"));
        if (fields.nextDay(LocalDate.EPOCH) == null) {
            throw new IllegalArgumentException("there is no such day in any year");
        }
        return fields;
    }

    /** The first due minute that begins after {@code moment}. */
    Instant next(Instant moment, ZoneId zone) {
        LocalDateTime from = moment.atZone(zone).toLocalDateTime();
        LocalDate day = nextDay(from.toLocalDate());
        while (day != null) {
            for (int hour = hours.nextSetBit(0); hour >= 0; hour = hours.nextSetBit(hour + 1)) {
                for (int minute = minutes.nextSetBit(0);
                        minute >= 0;
                        minute = minutes.nextSetBit(minute + 1)) {
                    Instant due = ZonedDateTime.of(day.atTime(hour, minute), zone).toInstant();
                    if (due.isAfter(moment)) {
                        return due;
                    }
                }
            }
            day = nextDay(day.plusDays(1));
        }
        throw new IllegalStateException("a day that was found once comes again");
    }

    private @Nullable LocalDate nextDay(LocalDate from) {
        LocalDate last = from.plusYears(LONGEST_YEARS);
        for (LocalDate day = from; day.isBefore(last); day = day.plusDays(1)) {
            if (isDue(day)) {
                return day;
            }
        }
        return null;
    }

    private boolean isDue(LocalDate day) {
        boolean ofMonth = days.get(day.getDayOfMonth());
        boolean ofWeek = weekdays.get(day.getDayOfWeek().getValue() % 7);
        return months.get(day.getMonthValue())
                && (eitherDay ? ofMonth || ofWeek : ofMonth && ofWeek);
    }

    /** {@code *}, numbers, names, ranges, steps, and lists of these. */
    private static BitSet field(
            String what, String text, int first, int last, List<String> names, int firstName) {
        BitSet values = new BitSet();
        for (String part : text.split(",", -1)) {
            String[] stepped = part.split("/", -1);
            String[] range = stepped[0].split("-", -1);
            boolean all = stepped[0].equals("*");
            int from = all ? first : number(what, range[0], first, last, names, firstName);
            int to = from;
            if (all || (stepped.length > 1 && range.length == 1)) {
                to = last;
            } else if (range.length > 1) {
                to = number(what, range[1], first, last, names, firstName);
            }
            int step = stepped.length < 2 ? 1 : number(what, stepped[1], 1, last, List.of(), 0);
            if (stepped.length > 2 || range.length > 2 || to < from) {
                throw refused(what, part, first, last);
            }
            for (int value = from; value <= to; value += step) {
                values.set(value);
            }
        }
        return values;
    }

    private static int number(
            String what, String text, int first, int last, List<String> names, int firstName) {
        int named = names.indexOf(text.toLowerCase(Locale.ROOT));
        if (named >= 0) {
            return named + firstName;
        }
        if (!text.matches("[0-9]{1,2}")) {
            throw refused(what, text, first, last);
        }
        int number = Integer.parseInt(text);
        if (number < first || number > last) {
            throw refused(what, text, first, last);
        }
        return number;
    }

    private static IllegalArgumentException refused(String what, String text, int first, int last) {
        return new IllegalArgumentException(
                "the %s cannot be %s: it goes from %d to %d"
                        .formatted(what, Fields.shown(text), first, last));
    }
}
