package io.sluice.connectors.mysql;

import java.math.BigDecimal;

/**
 * Whether MySQL keeps the numbers of a JSON text: it has 64 bits for whole numbers, signed or not,
 * and doubles for all others. Pure.
 */
final class JsonNumbers {

    /** Any number of so few digits fits. */
    private static final int FITTING = 15;

    private static final BigDecimal LEAST = BigDecimal.valueOf(Long.MIN_VALUE);
    private static final BigDecimal GREATEST = new BigDecimal("18446744073709551615");

    private JsonNumbers() {}

    static boolean areKept(String json) {
        int i = 0;
        while (i < json.length()) {
            char c = json.charAt(i);
            if (c == '"') {
                i = afterString(json, i + 1);
            } else if (c == '-' || (c >= '0' && c <= '9')) {
                int end = i + 1;
                while (end < json.length() && isOfNumber(json.charAt(end))) {
                    end++;
                }
                if (!isKept(json.substring(i, end))) {
                    return false;
                }
                i = end;
            } else {
                i++;
            }
        }
        return true;
    }

    private static int afterString(String json, int from) {
        int i = from;
        while (i < json.length() && json.charAt(i) != '"') {
            i += json.charAt(i) == '\\' ? 2 : 1;
        }
        return i + 1;
    }

    private static boolean isOfNumber(char c) {
        return (c >= '0' && c <= '9') || c == '.' || c == 'e' || c == 'E' || c == '-' || c == '+';
    }

    private static boolean isKept(String number) {
        boolean whole = number.chars().allMatch(c -> c == '-' || (c >= '0' && c <= '9'));
        if (number.length() <= FITTING && whole) {
            return true;
        }
        BigDecimal exact;
        try {
            exact = new BigDecimal(number);
        } catch (NumberFormatException e) {
            return true; // not JSON, or beyond any double: the server says so
        }
        if (whole && exact.compareTo(LEAST) >= 0 && exact.compareTo(GREATEST) <= 0) {
            return true;
        }
        double near = exact.doubleValue();
        return Double.isInfinite(near)
                || new BigDecimal(Double.toString(near)).compareTo(exact) == 0;
    }
}
