package io.sluice.config;

import java.util.ArrayList;
import java.util.List;

/**
 * One part of a table pattern: a schema or a table. In double quotes every character stands for
 * itself and {@code ""} for a quote; without them {@code *} is any run of characters and {@code ?}
 * is any one.
 *
 * @param text the pattern without its quotes
 */
record NamePattern(String text, boolean quoted) {

    private static final int ANY_RUN = -1;
    private static final int ANY_ONE = -2;
    private static final int NONE = -3;

    /** The pattern that a single name is written as. */
    static NamePattern literal(String name) {
        return new NamePattern(name, !name.matches("[^*?.\"\\s]+"));
    }

    /**
     * Splits {@code a.b} at its dots, those in quotes apart.
     *
     * @throws IllegalArgumentException saying what is wrong
     */
    static List<NamePattern> split(String text) {
        List<NamePattern> parts = new ArrayList<>();
        int at = 0;
        while (true) {
            StringBuilder part = new StringBuilder();
            boolean quoted = at < text.length() && text.charAt(at) == '"';
            at = quoted ? readQuoted(text, at + 1, part) : readPlain(text, at, part);
            if (part.isEmpty()) {
                throw new IllegalArgumentException("a name must not be empty");
            }
            parts.add(new NamePattern(part.toString(), quoted));
            if (at == text.length()) {
                return parts;
            }
            if (text.charAt(at) != '.') {
                throw new IllegalArgumentException("quotes must go around a whole name");
            }
            at++;
        }
    }

    /** Whether it stands for exactly one name, which is then {@link #text}. */
    boolean isLiteral() {
        return quoted || (text.indexOf('*') < 0 && text.indexOf('?') < 0);
    }

    /** Asked for every row, so it allocates nothing. */
    boolean matches(String name) {
        if (isLiteral()) {
            return text.equals(name);
        }
        int at = 0; // in the text
        int in = 0; // in the name
        int run = -1; // the last star, and how much of the name it takes by now
        int taken = 0;
        while (in < name.length()) {
            if (at < text.length() && text.charAt(at) == '*') {
                run = at++;
                taken = in;
            } else if (at < text.length()
                    && (text.charAt(at) == '?' || text.codePointAt(at) == name.codePointAt(in))) {
                at = text.offsetByCodePoints(at, 1);
                in = name.offsetByCodePoints(in, 1);
            } else if (run >= 0) {
                at = run + 1;
                taken = name.offsetByCodePoints(taken, 1);
                in = taken;
            } else {
                return false;
            }
        }
        while (at < text.length() && text.charAt(at) == '*') {
            at++;
        }
        return at == text.length();
    }

    /** Whether some name matches both patterns. */
    boolean overlaps(NamePattern other) {
        if (isLiteral() && other.isLiteral()) {
            return text.equals(other.text);
        }
        // reached[j]: some text fits the first i elements of this and the first j of the other.
        int[] mine = elements();
        int[] theirs = other.elements();
        boolean[] reached = new boolean[theirs.length + 1];
        for (int i = 0; i <= mine.length; i++) {
            int one = i == 0 ? NONE : mine[i - 1];
            boolean diagonal = false;
            for (int j = 0; j <= theirs.length; j++) {
                int two = j == 0 ? NONE : theirs[j - 1];
                boolean above = i > 0 && reached[j];
                boolean left = j > 0 && reached[j - 1];
                boolean run = one == ANY_RUN || two == ANY_RUN;
                boolean here =
                        (i == 0 && j == 0)
                                || (run && (above || left))
                                || (diagonal && (one == two || one == ANY_ONE || two == ANY_ONE));
                diagonal = above;
                reached[j] = here;
            }
        }
        return reached[theirs.length];
    }

    @Override
    public String toString() {
        return quoted ? '"' + text.replace("\"", "\"\"") + '"' : text;
    }

    private int[] elements() {
        return text.codePoints()
                .map(c -> quoted ? c : c == '*' ? ANY_RUN : c == '?' ? ANY_ONE : c)
                .toArray();
    }

    private static int readQuoted(String text, int start, StringBuilder part) {
        for (int at = start; at < text.length(); at++) {
            if (text.charAt(at) != '"') {
                part.append(text.charAt(at));
            } else if (at + 1 < text.length() && text.charAt(at + 1) == '"') {
                part.append('"');
                at++;
            } else {
                return at + 1;
            }
        }
        throw new IllegalArgumentException("a quote is not closed");
    }

    private static int readPlain(String text, int start, StringBuilder part) {
        int at = start;
        while (at < text.length() && text.charAt(at) != '.') {
            char c = text.charAt(at);
            if (c == '"') {
                throw new IllegalArgumentException("quotes must go around a whole name");
            }
            if (Character.isWhitespace(c)) {
                throw new IllegalArgumentException("a name with blanks needs double quotes");
            }
            part.append(c);
            at++;
        }
        return at;
    }
}
