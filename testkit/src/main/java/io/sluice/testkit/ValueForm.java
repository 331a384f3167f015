package io.sluice.testkit;

import java.math.BigDecimal;
import java.util.Locale;

/**
 * What a column's values are, and the one text for all ways to write the same value.
 *
 * <p>The order is that of precision: of two different forms the later one takes both sides' values.
 */
enum ValueForm {
    TEXT {
        @Override
        String canonical(String text) {
            return text;
        }
    },

    /** What it is filled up with to its length is no part of it. */
    FILLED {
        @Override
        String canonical(String text) {
            return text.replaceFirst(" +$", "");
        }
    },

    /** Of which one side may have other texts for the same. */
    UUID {
        @Override
        String canonical(String text) {
            return text.replaceAll("[{}-]", "").toLowerCase(Locale.ROOT);
        }
    },

    /** In hexadecimal digits. */
    BYTES {
        @Override
        String canonical(String text) {
            return text.toLowerCase(Locale.ROOT);
        }
    },

    /** A time of day, or a date with one, of UTC where its column knows zones. */
    MOMENT {
        @Override
        String canonical(String text) {
            return text.replaceFirst("\\+00(?= BC$|$)", "")
                    .replaceFirst("(\\.\\d*?)0+(?=\\D|$)", "$1")
                    .replaceFirst("\\.(?=\\D|$)", "");
        }
    },

    /** Whole, decimal or boolean. */
    NUMBER {
        @Override
        String canonical(String text) {
            return isFinite(text) ? plain(new BigDecimal(text)) : text;
        }
    },

    DOUBLE {
        @Override
        String canonical(String text) {
            return isFinite(text) ? plain(BigDecimal.valueOf(Double.parseDouble(text))) : text;
        }
    },

    FLOAT {
        @Override
        String canonical(String text) {
            return isFinite(text)
                    ? plain(new BigDecimal(Float.toString(Float.parseFloat(text))))
                    : text;
        }
    },

    JSON {
        @Override
        String canonical(String text) {
            return JsonText.canonical(text);
        }
    };

    /** The text that equal values share; one that is of another form stays as it is. */
    abstract String canonical(String text);

    static ValueForm common(ValueForm one, ValueForm two) {
        return one.compareTo(two) >= 0 ? one : two;
    }

    private static boolean isFinite(String text) {
        return text.matches("[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?");
    }

    private static String plain(BigDecimal number) {
        return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
    }
}
