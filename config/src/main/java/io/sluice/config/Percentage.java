package io.sluice.config;

import java.math.BigDecimal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A part of a whole as people write it: {@code 99.9%}. More than nothing and less than all.
 *
 * @param percent from just above 0 to just under 100, without trailing zeros
 */
public record Percentage(BigDecimal percent) {

    private static final Pattern FORM = Pattern.compile("([0-9]{1,3}(?:\\.[0-9]{1,6})?)%");

    public Percentage {
        if (percent.signum() <= 0 || percent.compareTo(BigDecimal.valueOf(100)) >= 0) {
            throw new IllegalArgumentException("must be more than 0% and less than 100%");
        }
        percent = percent.stripTrailingZeros();
    }

    /**
     * Reads a percentage with up to six digits after the point.
     *
     * @throws IllegalArgumentException saying what the form is
     */
    public static Percentage parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("must be a percentage such as `99.9%`");
        }
        return new Percentage(new BigDecimal(matcher.group(1)));
    }

    /** The same between 0 and 1. */
    public double ratio() {
        return percent.movePointLeft(2).doubleValue();
    }

    /** The percentage as the file spells it. */
    @Override
    public String toString() {
        return percent.toPlainString() + "%";
    }
}
