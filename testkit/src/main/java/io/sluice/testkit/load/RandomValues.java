package io.sluice.testkit.load;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.Supplier;

/** Values from a seed, as PostgreSQL reads them; the odd corners of each type come up often. */
public final class RandomValues {
    private static final String[] WORDS = {
        "",
        " ",
        "plain",
        "two words",
        "it's",
        "\"quoted\"",
        "back\\slash",
        "tab\there",
        "line\nbreak",
        "\\N",
        "NULL",
        "null",
        "naïve",
        "日本語",
        "🙂",
        "a,b;c",
        "{curly}",
        "%s",
        "$1",
        "\u0001",
        "é",
        "e\u0301"
    };

    private final SplittableRandom random;
    private boolean portable;

    public RandomValues(SplittableRandom random) {
        this.random = random;
    }

    /** From 0 up to and without the bound. */
    public int below(int bound) {
        return random.nextInt(bound);
    }

    /** Both ends included. */
    public int between(int first, int last) {
        return random.nextInt(first, last + 1);
    }

    public boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    /** From 0 up to and without 1. */
    public double fraction() {
        return random.nextDouble();
    }

    @SafeVarargs
    public final <T> T oneOf(T... choices) {
        return choices[random.nextInt(choices.length)];
    }

    public String word() {
        return chance(0.3) ? oneOf(WORDS) : letters(between(1, 12));
    }

    public String text() {
        return word() + " " + word() + " " + word();
    }

    public String letters(int length) {
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append((char) random.nextInt('a', 'z' + 1));
        }
        return text.toString();
    }

    /** Of that many bytes, as {@code \x…}. */
    public String bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return "\\x" + HexFormat.of().formatHex(bytes);
    }

    public String uuid() {
        return new UUID(random.nextLong(), random.nextLong()).toString();
    }

    public String whole(long first, long last) {
        long value =
                chance(0.1)
                        ? oneOf(first, last, 0L)
                        : last - first < 0 ? random.nextLong() : random.nextLong(first, last);
        return Long.toString(value);
    }

    public String decimal(int whole, int scale) {
        StringBuilder text = new StringBuilder(chance(0.3) ? "-" : "");
        text.append(random.nextInt(1, 10));
        for (int i = random.nextInt(whole); i > 1; i--) {
            text.append(random.nextInt(10));
        }
        if (scale > 0) {
            text.append('.');
            for (int i = 0; i < scale; i++) {
                text.append(random.nextInt(10));
            }
        }
        return text.toString();
    }

    public String date() {
        return String.format(
                Locale.ROOT, "%04d-%02d-%02d", between(1, 9999), between(1, 12), between(1, 28));
    }

    public String time() {
        return String.format(
                Locale.ROOT,
                "%02d:%02d:%02d.%06d",
                below(24),
                below(60),
                below(60),
                below(1_000_000));
    }

    public String zone() {
        return oneOf("+00", "-08", "+05:45", "+14", "-03:30");
    }

    /** A moment of the last decades, in microseconds. */
    public String moment() {
        return between(1990, 2035) + date().substring(4) + " " + time() + zone();
    }

    /** From now on no number has more digits than a double. */
    public void keepPortable() {
        portable = true;
    }

    public String json() {
        return oneOf(
                "null",
                "{}",
                "[]",
                "\"\\u00fc\"",
                portable ? "12345.125" : "12345678901234567890.123456789",
                "{\"a\": [1, null, {\"b\": \"" + letters(5) + "\"}], \"" + letters(3) + "\": true}",
                "{\"same\": 1, \"same\": " + below(100) + "}",
                "[1.0, 1.00, -0, 1e3, " + below(1000) + "]");
    }

    /** An array of elements as they come, some of them null. */
    public String array(Supplier<String> element) {
        List<String> elements = new ArrayList<>();
        for (int i = below(5); i > 0; i--) {
            elements.add(
                    chance(0.2)
                            ? "NULL"
                            : '"'
                                    + element.get().replace("\\", "\\\\").replace("\"", "\\\"")
                                    + '"');
        }
        return "{" + String.join(",", elements) + "}";
    }

    /** A new list with the same elements in another order. */
    public <T> List<T> shuffled(List<T> list) {
        List<T> shuffled = new ArrayList<>(list);
        for (int i = shuffled.size() - 1; i > 0; i--) {
            Collections.swap(shuffled, i, random.nextInt(i + 1));
        }
        return shuffled;
    }
}
