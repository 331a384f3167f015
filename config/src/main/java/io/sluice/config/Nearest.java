package io.sluice.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the known name that a mistyped one was most likely meant to be. */
final class Nearest {

    private static final int LONGEST = 60;

    private Nearest() {}

    static Optional<String> to(String wrong, Collection<String> known) {
        if (wrong.length() > LONGEST) {
            return Optional.empty();
        }
        String plain = plain(wrong);
        int near = Math.max(2, wrong.length() / 3);
        return known.stream()
                .filter(name -> distance(plain, plain(name)) <= near)
                .min(Comparator.comparingInt(name -> distance(plain, plain(name))));
    }

    /** The end of a message: {@code , did you mean `a`?} or {@code ; known are a, b}. */
    static String hint(String wrong, Collection<String> known) {
        if (known.isEmpty()) {
            return "";
        }
        return to(wrong, known)
                .map(name -> ", did you mean `" + name + "`?")
                .orElseGet(() -> "; known are " + String.join(", ", known));
    }

    /** {@code max_rows} and {@code Max-Rows} are {@code maxRows} to whoever typed them. */
    private static String plain(String name) {
        return name.replaceAll("[-_ ]", "").toLowerCase(Locale.ROOT);
    }

    /** How many characters to insert, remove, replace or swap with a neighbour. */
    private static int distance(String from, String to) {
        int[][] cost = new int[from.length() + 1][to.length() + 1];
        for (int i = 0; i <= from.length(); i++) {
            for (int j = 0; j <= to.length(); j++) {
                if (i == 0 || j == 0) {
                    cost[i][j] = i + j;
                    continue;
                }
                boolean same = from.charAt(i - 1) == to.charAt(j - 1);
                int best = cost[i - 1][j - 1] + (same ? 0 : 1);
                best = Math.min(best, Math.min(cost[i - 1][j], cost[i][j - 1]) + 1);
                if (i > 1
                        && j > 1
                        && from.charAt(i - 1) == to.charAt(j - 2)
                        && from.charAt(i - 2) == to.charAt(j - 1)) {
                    best = Math.min(best, cost[i - 2][j - 2] + 1);
                }
                cost[i][j] = best;
            }
        }
        return cost[from.length()][to.length()];
    }
}
