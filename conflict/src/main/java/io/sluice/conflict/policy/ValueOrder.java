package io.sluice.conflict.policy;

import io.sluice.conflict.PolicySettings;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** An order of the values of a column, the same at every site. Texts may be numbers. */
enum ValueOrder {
    /** Decimal numbers by what they are worth; below them what is no finite number, as text. */
    NUMBER,
    /** By code units: right for dates and times of the same form, no one's alphabet. */
    TEXT,
    /**
     * Of a column that counts versions or tells their times, whichever it is: numbers as numbers,
     * and times, which are none, as their texts.
     */
    VERSION;

    static Optional<ValueOrder> of(PolicySettings settings) {
        return settings.text("as")
                .map(
                        text ->
                                switch (text) {
                                    case "number" -> NUMBER;
                                    case "text" -> TEXT;
                                    default -> throw settings.wrong("as", "must be number or text");
                                });
    }

    int compare(Object one, Object other) {
        return switch (one) {
            case Boolean bool -> bool.compareTo((Boolean) other);
            case Long number -> number.compareTo((Long) other);
            case Float number -> number.compareTo((Float) other);
            case Double number -> number.compareTo((Double) other);
            case byte[] bytes -> Arrays.compareUnsigned(bytes, (byte[]) other);
            default -> texts(one.toString(), other.toString());
        };
    }

    private int texts(String one, String other) {
        if (this == TEXT) {
            return one.compareTo(other);
        }
        Optional<BigDecimal> first = number(one);
        Optional<BigDecimal> second = number(other);
        if (first.isPresent() && second.isPresent()) {
            return first.get().compareTo(second.get());
        }
        return first.isEmpty() && second.isEmpty()
                ? one.compareTo(other)
                : Boolean.compare(first.isPresent(), second.isPresent());
    }

    /** A finite number, as databases write one. */
    static Optional<BigDecimal> number(String text) {
        return text.matches("[+-]?[0-9]*\\.?[0-9]+([eE][+-]?[0-9]{1,4})?")
                ? Optional.of(new BigDecimal(text))
                : Optional.empty();
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
