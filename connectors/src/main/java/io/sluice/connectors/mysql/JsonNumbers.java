package io.sluice.connectors.mysql;

import java.math.BigDecimal;
import java.math.MathContext;

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

    /** How deep its arrays and objects lie in each other; the server takes a hundred levels. */
    static int depth(String json) {
        int depth = 0;
        int deepest = 0;
        int i = 0;
        while (i < json.length()) {
            char c = json.charAt(i);
            if (c == '"') {
                i = afterString(json, i + 1);
                continue;
            }
            if (c == '[' || c == '{') {
                deepest = Math.max(deepest, ++depth);
            } else if (c == ']' || c == '}') {
                depth--;
            }
            i++;
        }
        return deepest;
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
        return Double.isInfinite(near) || isPrinted(exact, near);
    }

    /**
     * Whether the double is printed as this number again. Java writes two digits at least, and the
     * smallest of all as {@code 4.9E-324}, where the server writes {@code 5e-324}.
     */
    private static boolean isPrinted(BigDecimal number, double near) {
        BigDecimal shortest = new BigDecimal(Double.toString(near));
        int digits = number.stripTrailingZeros().precision();
        return shortest.compareTo(number) == 0
                || digits < shortest.precision()
                        && new BigDecimal(near).round(new MathContext(digits)).compareTo(number)
                                == 0;
    }
}
