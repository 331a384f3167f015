package io.sluice.connectors.debezium;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/**
 * Dates and times from the binary log, as MySQL prints them: with the column's digits of the
 * second, and zero where MySQL has zero.
 */
final class TemporalText {

    private static final long TIME_ZERO = 0x800000L;
    private static final long DATE_TIME_ZERO = 0x8000000000L;

    private TemporalText() {}

    static String date(BinlogBytes in) {
        int packed = (int) in.littleEndian(3);
        return date(packed >> 9, packed >> 5 & 0xF, packed & 0x1F);
    }

    /** Below zero, the number as a whole is that far below, its fraction included. */
    static String time(BinlogBytes in, int digits) {
        int fractionBytes = (digits + 1) / 2;
        long packed = in.bigEndian(3 + fractionBytes) - (TIME_ZERO << 8 * fractionBytes);
        long size = Math.abs(packed);
        long time = size >> 8 * fractionBytes;
        long fraction = size & (1L << 8 * fractionBytes) - 1;
        return (packed < 0 ? "-" : "")
                + two(time >> 12 & 0x3FF)
                + clock(time)
                + fraction(fraction, digits);
    }

    static String dateTime(BinlogBytes in, int digits) {
        long packed = in.bigEndian(5) - DATE_TIME_ZERO;
        long day = packed >> 17;
        long months = day >> 5;
        return date((int) (months / 13), (int) (months % 13), (int) (day & 0x1F))
                + " "
                + two(packed >> 12 & 0x1F)
                + clock(packed)
                + fraction(in.bigEndian((digits + 1) / 2), digits);
    }

    /** In UTC, with its offset. */
    static String moment(BinlogBytes in, int digits) {
        long seconds = in.bigEndian(4);
        long fraction = in.bigEndian((digits + 1) / 2);
        String whole =
                seconds == 0 && fraction == 0
                        ? "0000-00-00 00:00:00"
                        : text(
                                LocalDateTime.ofInstant(
                                        Instant.ofEpochSecond(seconds), ZoneOffset.UTC));
        return whole + fraction(fraction, digits) + "+00";
    }

    private static String text(LocalDateTime time) {
        return date(time.getYear(), time.getMonthValue(), time.getDayOfMonth())
                + " "
                + two(time.getHour())
                + ":"
                + two(time.getMinute())
                + ":"
                + two(time.getSecond());
    }

    private static String date(int year, int month, int day) {
        String digits = Integer.toString(year);
        return "0".repeat(4 - digits.length()) + digits + "-" + two(month) + "-" + two(day);
    }

    /** Minutes and seconds lie in six bits each. */
    private static String clock(long packed) {
        return ":" + two(packed >> 6 & 0x3F) + ":" + two(packed & 0x3F);
    }

    private static String two(long number) {
        return number < 10 ? "0" + number : Long.toString(number);
    }

    /** The log keeps an even number of digits. */
    private static String fraction(long kept, int digits) {
        if (digits == 0) {
            return "";
        }
        String text = Long.toString(kept);
        int even = (digits + 1) / 2 * 2;
        return "." + ("0".repeat(even - text.length()) + text).substring(0, digits);
    }
}
