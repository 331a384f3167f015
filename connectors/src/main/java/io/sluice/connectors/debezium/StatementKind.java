package io.sluice.connectors.debezium;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a statement in the binary log is for the reader of rows. */
enum StatementKind {
    BEGIN,
    COMMIT,
    ROLLBACK,
    ROLLBACK_TO,
    /** XA START: what follows may still be taken back after it is in the log. */
    XA_BEGIN,
    /** The outcome of an XA transaction that was prepared earlier. */
    XA_OUTCOME,
    XA_OTHER,
    /** Changes rows, and stands in the place of them. */
    ROWS,
    /** Makes, changes, empties or removes tables or databases. */
    DEFINITION,
    OTHER;

    /** In comments of this kind stands what the server did execute. */
    private static final Pattern EXECUTED = Pattern.compile("/\\*!\\d*(.*?)\\*/", Pattern.DOTALL);

    private static final Pattern COMMENT =
            Pattern.compile("(?s:/\\*.*?\\*/)|(?m:^\\s*(?:--(?=\\s)|#)[^\\n]*)");

    /** What may stand before the first word, of any length. */
    private static final Pattern LEADING =
            Pattern.compile("(?:\\s+|(?s:/\\*(?!!).*?\\*/)|(?:--(?=\\s)|#)[^\\n]*)+");

    private static final Pattern DEFINES =
            Pattern.compile(
                    "(?:CREATE (?:(?:UNIQUE|FULLTEXT|SPATIAL) )?(?:TABLE|DATABASE|SCHEMA|INDEX)"
                            + "|ALTER (?:TABLE|DATABASE|SCHEMA)"
                            + "|DROP (?:TABLES?|DATABASE|SCHEMA|INDEX)"
                            + "|RENAME TABLES?|TRUNCATE)\\b.*");
    private static final Pattern CHANGES_ROWS =
            Pattern.compile(
                    "(?:INSERT|UPDATE|DELETE|REPLACE|LOAD|WITH|IMPORT TABLE|SELECT|DO|CALL)\\b.*");

    private static final int HEAD = 2_000;

    /** Of the many words for a statement, the first few tell its kind. */
    static StatementKind of(String sql) {
        String head = head(sql);
        return switch (head) {
            case "BEGIN" -> BEGIN;
            case "COMMIT" -> COMMIT;
            case "ROLLBACK" -> ROLLBACK;
            default -> {
                if (head.startsWith("ROLLBACK TO")) {
                    yield ROLLBACK_TO;
                }
                if (head.startsWith("XA ")) {
                    yield ofXa(head);
                }
                if (DEFINES.matcher(head).matches()) {
                    yield DEFINITION;
                }
                yield CHANGES_ROWS.matcher(head).matches() ? ROWS : OTHER;
            }
        };
    }

    private static StatementKind ofXa(String head) {
        if (head.startsWith("XA START") || head.startsWith("XA BEGIN")) {
            return XA_BEGIN;
        }
        return head.startsWith("XA COMMIT") || head.startsWith("XA ROLLBACK")
                ? XA_OUTCOME
                : XA_OTHER;
    }

    /** The beginning of a statement, without comments, in upper case, its words one space apart. */
    static String head(String sql) {
        Matcher leading = LEADING.matcher(sql);
        int begin = leading.lookingAt() ? leading.end() : 0;
        String start = sql.substring(begin, Math.min(sql.length(), begin + HEAD));
        String executed = EXECUTED.matcher(start).replaceAll(" $1 ");
        return COMMENT.matcher(executed)
                .replaceAll(" ")
                .replaceAll("\\s+", " ")
                .strip()
                .toUpperCase(Locale.ROOT);
    }
}
