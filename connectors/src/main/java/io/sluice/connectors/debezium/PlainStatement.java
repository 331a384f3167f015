package io.sluice.connectors.debezium;

import io.debezium.text.MultipleParsingExceptions;
import io.debezium.text.ParsingException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A statement in words that Debezium's grammar and the server's have in common, for one that
 * Debezium does not understand as it stands. Pure.
 *
 * <p>Two things are said otherwise, and neither says of which names and types the columns are. An
 * expression, as of a computed column, a default, a check or a part of an index, becomes a constant
 * one. And a name that is a word which the grammar reserves and the server does not is quoted.
 */
final class PlainStatement {

    /** All of the server's words were tried; these the grammar takes for no name. */
    private static final Set<String> RESERVED_WITHOUT_NEED =
            Set.of("AUTO", "ENGINE_ATTRIBUTE", "MANUAL", "PARALLEL", "URL", "VECTOR");

    /** What a name follows. A type follows a name. */
    private static final Set<String> BEFORE_NAMES =
            Set.of(
                    "ADD",
                    "COLUMN",
                    "CHANGE",
                    "MODIFY",
                    "ALTER",
                    "DROP",
                    "AFTER",
                    "TO",
                    "KEY",
                    "INDEX",
                    "UNIQUE",
                    "CONSTRAINT",
                    "BY",
                    "(",
                    ",",
                    ".");

    private static final Set<String> BEFORE_EXPRESSIONS =
            Set.of("AS", "DEFAULT", "CHECK", "(", ",");

    private static final String CONSTANT = "(concat('x'))";

    private static final Pattern TOKEN =
            Pattern.compile(
                    "(?<aside>\\s++|/\\*.*?\\*/|(?:#|--(?=\\s))[^\\n]*+)"
                            + "|'(?:[^'\\\\]++|\\\\.|'')*+'"
                            + "|\"(?:[^\"\\\\]++|\\\\.|\"\")*+\""
                            + "|`(?:[^`]++|``)*+`"
                            + "|[\\w$\\x{80}-\\x{10FFFF}]++"
                            + "|.",
                    Pattern.DOTALL);

    private final Matcher tokens;
    private final StringBuilder plain = new StringBuilder();

    /** The last three words or marks, the latest first. */
    private final Deque<String> before = new ArrayDeque<>();

    private PlainStatement(String sql) {
        tokens = TOKEN.matcher(sql);
    }

    /**
     * Has a parser read a statement as it stands, or else in plain words.
     *
     * @throws RuntimeException the parser's about the statement as it stands, if it understands
     *     neither
     */
    static <T> T read(String sql, Function<String, T> parser) {
        try {
            return parser.apply(sql);
        } catch (ParsingException | MultipleParsingExceptions e) {
            try {
                return parser.apply(of(sql));
            } catch (ParsingException | MultipleParsingExceptions again) {
                e.addSuppressed(again);
                throw e;
            }
        }
    }

    static String of(String sql) {
        return new PlainStatement(sql).rewritten();
    }

    private String rewritten() {
        while (tokens.find()) {
            String token = tokens.group();
            if (tokens.group("aside") != null) {
                plain.append(token);
            } else if (token.equals("(") && BEFORE_EXPRESSIONS.contains(last())) {
                skipToClosing();
                plain.append(CONSTANT);
                remember(")");
            } else {
                String word = token.toUpperCase(Locale.ROOT);
                boolean name = RESERVED_WITHOUT_NEED.contains(word) && isName();
                plain.append(name ? "`" + token + "`" : token);
                remember(name ? "" : word);
            }
        }
        return plain.toString();
    }

    private void skipToClosing() {
        for (int depth = 1; depth > 0 && tokens.find(); ) {
            switch (tokens.group()) {
                case "(" -> depth++;
                case ")" -> depth--;
                default -> {}
            }
        }
    }

    /** CHANGE [COLUMN] has two names. */
    private boolean isName() {
        String[] words = before.toArray(String[]::new);
        return BEFORE_NAMES.contains(last())
                || words.length > 1 && words[1].equals("CHANGE")
                || words.length > 2 && words[1].equals("COLUMN") && words[2].equals("CHANGE");
    }

    private String last() {
        return before.isEmpty() ? "" : before.getFirst();
    }

    private void remember(String word) {
        before.addFirst(word);
        if (before.size() > 3) {
            before.removeLast();
        }
    }
}
