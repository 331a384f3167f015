package io.sluice.connectors.mysql;

import io.sluice.connectors.spi.DataType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.regex.Pattern;

/**
 * Numbers as MySQL's SQL writes them, refused where the column would hold another number. Pure.
 *
 * <p>A decimal is written without quotes, for a quoted one is compared as a double. A double has an
 * exponent, for one without is a decimal, and the decimal of {@code -0.0} has lost its sign.
 */
final class NumberText {

    private static final Pattern DECIMAL = Pattern.compile("[-+]?[0-9]+(?:\\.[0-9]+)?");

    private static final Pattern BITS = Pattern.compile("[01]*");

    private NumberText() {}

    static String integer(String column, Object value) {
        if (value instanceof Long number) {
            return number.toString();
        }
        if (value instanceof Boolean flag) {
            return flag ? "1" : "0";
        }
        String text = decimalDigits(column, value);
        int point = text.indexOf('.');
        if (point >= 0 && !isZero(text, point + 1)) {
            throw new UnfitValueException(column, "has a fraction, the column has none");
        }
        return point < 0 ? text : text.substring(0, point);
    }

    static String decimal(String column, DataType.Decimal type, Object value) {
        String text = decimalDigits(column, value);
        int point = text.indexOf('.');
        int end = point < 0 ? text.length() : point;
        int start = Character.isDigit(text.charAt(0)) ? 0 : 1;
        while (start < end && text.charAt(start) == '0') {
            start++;
        }
        if (end - start > type.precision() - type.scale()) {
            throw new UnfitValueException(column, "is out of the column's range");
        }
        if (point >= 0 && text.length() - point - 1 > type.scale()) {
            if (!isZero(text, point + 1 + type.scale())) {
                throw new UnfitValueException(
                        column,
                        "has more than the column's %d digits after the point"
                                .formatted(type.scale()));
            }
            return text.substring(0, type.scale() == 0 ? point : point + 1 + type.scale());
        }
        return text;
    }

    static String floating(String column, int bits, Object value) {
        double number =
                switch (value) {
                    case Double wide -> wide;
                    case Float narrow -> narrow;
                    case Boolean flag -> flag ? 1 : 0;
                    default -> exact(column, decimalDigits(column, value));
                };
        if (!Double.isFinite(number)) {
            throw new UnfitValueException(column, "is NaN or infinite, which MySQL does not have");
        }
        if (bits == 32 && (float) number != number) {
            throw new UnfitValueException(column, "has more digits than a float");
        }
        String text = Double.toString(number);
        return text.indexOf('E') >= 0 ? text : text + "e0";
    }

    /** The number that the bits are. */
    static String bits(String column, int length, Object value) {
        if (value instanceof Boolean flag) {
            return flag ? "1" : "0";
        }
        String text = value.toString();
        if (!BITS.matcher(text).matches()) {
            throw new UnfitValueException(column, "is not made of bits");
        }
        if (text.length() > length) {
            throw new UnfitValueException(column, "has more bits than the column");
        }
        return text.isEmpty() ? "0" : new BigInteger(text, 2).toString();
    }

    private static double exact(String column, String text) {
        double number = Double.parseDouble(text);
        if (!Double.isFinite(number)
                || new BigDecimal(text).compareTo(new BigDecimal(number)) != 0) {
            throw new UnfitValueException(column, "has more digits than a double");
        }
        return number;
    }

    private static String decimalDigits(String column, Object value) {
        String text =
                switch (value) {
                    case Double number when Double.isFinite(number) ->
                            BigDecimal.valueOf(number).toPlainString();
                    case Float number when Float.isFinite(number) ->
                            new BigDecimal(number.toString()).toPlainString();
                    default -> value.toString();
                };
        if (!DECIMAL.matcher(text).matches()) {
            throw new UnfitValueException(column, "is not a number that MySQL has");
        }
        return text;
    }

    private static boolean isZero(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            if (text.charAt(i) != '0') {
                return false;
            }
        }
        return true;
    }
}
