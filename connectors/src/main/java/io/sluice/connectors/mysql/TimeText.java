package io.sluice.connectors.mysql;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Dates and times as MySQL takes them, refused where it would round them or read them otherwise: it
 * takes almost any text for a date, and rounds a fraction without a word. Pure.
 */
final class TimeText {

    private static final String DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}";
    private static final String FRACTION = "(?:\\.([0-9]+))?";

    private static final Pattern DATE = Pattern.compile(DAY);
    private static final Pattern TIME =
            Pattern.compile("(-?[0-9]{2,3}:[0-9]{2}:[0-9]{2})" + FRACTION);
    private static final Pattern DATE_TIME =
            Pattern.compile(
                    "(" + DAY + " [0-9]{2}:[0-9]{2}:[0-9]{2})" + FRACTION + "(?:\\+00(?::00)?)?");

    private TimeText() {}

    static String date(String column, Object value) {
        String text = value.toString();
        if (!DATE.matcher(text).matches()) {
            throw new UnfitValueException(column, "is not a date that MySQL has");
        }
        return text;
    }

    static String time(String column, int fraction, Object value) {
        return kept(column, fraction, TIME.matcher(value.toString()), "a time");
    }

    /** In UTC; an offset of zero is left out, which older servers do not know. */
    static String dateTime(String column, int fraction, Object value) {
        return kept(column, fraction, DATE_TIME.matcher(value.toString()), "a date and time");
    }

    private static String kept(String column, int fraction, Matcher matcher, String what) {
        if (!matcher.matches()) {
            throw new UnfitValueException(column, "is not " + what + " that MySQL has");
        }
        String digits = matcher.group(2);
        if (digits == null) {
            return matcher.group(1);
        }
        int end = digits.length();
        while (end > 0 && digits.charAt(end - 1) == '0') {
            end--;
        }
        if (end > fraction) {
            throw new UnfitValueException(
                    column,
                    "has more than the column's %d digits of the second".formatted(fraction));
        }
        return end == 0 ? matcher.group(1) : matcher.group(1) + "." + digits.substring(0, end);
    }
}
