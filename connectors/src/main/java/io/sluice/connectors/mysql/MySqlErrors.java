package io.sluice.connectors.mysql;

import com.mysql.cj.exceptions.StatementIsClosedException;
import com.mysql.cj.jdbc.exceptions.PacketTooBigException;
import io.sluice.connectors.jdbc.Steps;
import io.sluice.connectors.spi.CollisionException;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What MySQL's errors mean: one table from error number to class and condition, and one from
 * SQLSTATE for numbers that are not in it.
 *
 * <p>A server's message may hold values of a row ({@code Duplicate entry '…' for key}), so it is
 * passed on only where a rule says that it cannot. Elsewhere the condition stands in our words,
 * with the names that the message holds: the column, the key, the constraint.
 */
final class MySqlErrors {

    static final int LOCK_WAIT = 1205;

    /** A deadlock, and a lock that was not to be had. */
    private static final Set<Integer> COLLISIONS = Set.of(1213, LOCK_WAIT);

    static final int NO_SUCH_THREAD = 1094;

    /**
     * @param quotable whether the server's message is free of row values
     */
    private record Rule(ErrorClass errorClass, boolean quotable, String condition) {}

    private static final Map<Integer, Rule> RULES = new HashMap<>();

    private record State(String beginning, Rule rule) {}

    static {
        row("a column that must not be null was given none", 1048, 1263, 1364);
        row("a unique key is violated: such a row exists already", 1062, 1169, 1586, 1761, 1762);
        row("a foreign key is violated", 1216, 1217, 1451, 1452);
        row("a number is out of the column's range", 1264, 1690);
        row("a value does not fit its column", 1265, 1366, 1367, 1411, 3854, 3988);
        row("a value is not a valid date or time", 1292, 1525);
        row("a value is too long for its column", 1406);
        row("a value is no geometry, or not one of its column", 1416, 3033, 3037, 3055, 3516);
        row("a geometry does not fit its reference system", 3548, 3616, 3617, 3643, 3673);
        row("no partition takes the row", 1526, 1748);
        row("a trigger or function refused the row", 1644);
        row("a value is not JSON that the server takes", 3140, 3141, 3144, 3150, 3151, 3157);
        row("a check constraint is violated", 3819);
        row("the row is too large for a page of the table", 1118);
        for (int number : new int[] {1153, 1162, 1301}) {
            RULES.put(number, tooLarge());
        }
        retry("the server has no free connection", 1040, 1203, 1226);
        retry("the server ended the connection or is shutting down", 1053, 1077, 1079, 1080);
        retry("the server ended the connection", 1152, 1158, 1159, 1160, 1161, 1184, 1189, 1190);
        retry("the server ended a connection that was idle for too long", 4031);
        retry("the session was ended by another one", 3169);
        retry("a lock was not to be had in time", LOCK_WAIT, 3058, 3572);
        retry("the transaction was in a deadlock with another one", 1213, 1614);
        retry("the transaction collided with another one", 1020, 3101);
        retry("the server lacks resources", 1037, 1038, 1041, 1135, 1206);
        retry("the server's disk or the table is full", 1021, 1114);
        retry(
                "the statement was cancelled, for instance by a time-out: raise"
                        + " apply.statementTimeout, or look for a missing index or a lock that is"
                        + " held",
                1317,
                3024,
                1907);
        retry("the server is read-only at the moment", 1290, 1792, 1836, 3100);
        retry("the table was changed meanwhile", 1412, 1615);
        fatal("the account may not log in", 1045, 1130, 1251, 1698, 1820, 1862, 3118, 3159, 3955);
        fatal("the account lacks a privilege", 1044, 1142, 1143, 1227, 1370, 1410);
        fatal("there is no such database", 1049);
        fatal("there is no such table or column", 1051, 1054, 1091, 1109, 1146);
        fatal("such a table, column or key exists already", 1007, 1050, 1060, 1061, 1068, 3822);
        fatal("a name is too long or not allowed", 1059, 1102, 1103, 1166);
        fatal("the table's definition is more than the server takes", 1069, 1070, 1071, 1074);
        fatal("the table's definition is not one of this server", 1063, 1067, 1072, 1075, 1089);
        fatal("the table's definition is not one of this server", 1101, 1115, 1170, 1171, 1253);
        fatal("the table's definition is not one of this server", 1273, 1286, 1289, 1291, 3770);
        fatal("texts of these character sets cannot be compared", 1267, 1270, 1271);
        fatal("rows cannot be loaded from here", 1148, 3948);
        fatal("the server's log cannot take this", 1665, 1785, 1786, 1787, 3098);
    }

    private static final List<State> STATES =
            List.of(
                    new State("08", retryRule("the connection was lost or could not be made")),
                    new State("22", rowRule("a value does not fit its column")),
                    new State("23", rowRule("a constraint is violated")),
                    new State("45", rowRule("a trigger or function refused the row")),
                    new State("40", retryRule("the transaction was rolled back by the server")),
                    new State("28", fatalRule("the account may not log in")),
                    // Its messages may quote the statement, and values with it.
                    new State(
                            "42",
                            new Rule(
                                    ErrorClass.FATAL,
                                    false,
                                    "the statement does not fit the server's tables")));

    private static final Rule TOO_LARGE = tooLarge();

    private static final Rule TIMED_OUT =
            retryRule(
                    "the statement took too long: raise apply.statementTimeout, or look for a"
                            + " missing index or a lock that is held");

    private static final Rule UNTRUSTED =
            fatalRule(
                    "the server's certificate was not accepted: see sslMode and"
                            + " trustCertificateKeyStoreUrl in the URL");

    private static final Rule UNKNOWN =
            new Rule(
                    ErrorClass.FATAL,
                    false,
                    "an error that is not known to be one that passes; the server's log has more");

    private static final Pattern COLUMN =
            Pattern.compile(
                    "(?:.* for column |Column |Field )'([^']*)'(?: at row \\d+| .*)?",
                    Pattern.DOTALL);

    private static final Pattern ROW = Pattern.compile(".* at row (\\d+)", Pattern.DOTALL);

    private static final Pattern KEY = Pattern.compile(".* for key '([^']*)'", Pattern.DOTALL);

    private static final Pattern CONSTRAINT =
            Pattern.compile("Check constraint '([^']*)' is violated\\.");

    private MySqlErrors() {}

    static ErrorClass classify(SQLException e) {
        return rule(e).errorClass();
    }

    /** The class of an error or a warning that the server reports by its number. */
    static ErrorClass classify(int number, @Nullable String state) {
        return rule(number, state).errorClass();
    }

    /** Whether a privilege on a table is what lacks. */
    static boolean isDenied(SQLException e) {
        return e.getErrorCode() == 1142;
    }

    /** What went wrong in words without row values: condition, number, SQLSTATE, names. */
    static String reason(SQLException e) {
        Rule rule = rule(e);
        StringJoiner names = new StringJoiner(", ", " (", ")");
        names.setEmptyValue("");
        if (e.getErrorCode() != 0) {
            names.add("error " + e.getErrorCode());
        }
        if (e.getSQLState() != null) {
            names.add("SQLSTATE " + e.getSQLState());
        }
        Throwable telling = rule == UNTRUSTED ? Objects.requireNonNull(untrusted(e)) : e;
        String said = String.valueOf(telling.getMessage());
        if (rule.quotable()) {
            return rule.condition() + names + ": " + said;
        }
        add(names, "key", KEY.matcher(said));
        add(names, "column", COLUMN.matcher(said));
        add(names, "constraint", CONSTRAINT.matcher(said));
        return rule.condition() + names;
    }

    /** Of the rows of a statement the one that an error is about, from 1; 0 if it does not tell. */
    static int rowNumber(SQLException e) {
        Matcher row = ROW.matcher(String.valueOf(e.getMessage()));
        return row.matches() ? Integer.parseInt(row.group(1)) : 0;
    }

    /** Steps at a place. */
    static Steps steps(String place) {
        return new Steps() {
            @Override
            public <T> T run(String step, Work<T> work) {
                try {
                    return work.run();
                } catch (SQLException e) {
                    throw failure(place + ": " + step, e);
                }
            }
        };
    }

    /**
     * The exception for a step that failed.
     *
     * @param step what was to be done and where, as the beginning of a sentence: {@code west:
     *     inserting into shop.t}
     */
    static ConnectorException failure(String step, SQLException e) {
        String message = step + " failed: " + reason(e);
        return COLLISIONS.contains(e.getErrorCode())
                ? new CollisionException(message, cause(e))
                : new ConnectorException(classify(e), message, cause(e));
    }

    /** Whether another row stands in the way. */
    static boolean isOfUniqueKey(SQLException e) {
        return e.getErrorCode() == 1062 || e.getErrorCode() == 1586;
    }

    /** The cause to keep: the exception itself, or one without a message that may hold values. */
    static SQLException cause(SQLException e) {
        if (rule(e).quotable()) {
            return e;
        }
        SQLException stripped = new SQLException(reason(e), e.getSQLState(), e.getErrorCode());
        stripped.setStackTrace(e.getStackTrace());
        return stripped;
    }

    private static Rule rule(SQLException e) {
        if (e instanceof PacketTooBigException) {
            return TOO_LARGE;
        }
        if (e instanceof SQLTimeoutException) {
            return TIMED_OUT;
        }
        if (untrusted(e) != null) {
            return UNTRUSTED;
        }
        Rule rule = rule(e.getErrorCode(), e.getSQLState());
        return rule == UNKNOWN && isLoss(e) ? STATES.getFirst().rule() : rule;
    }

    private static Rule rule(int number, @Nullable String state) {
        Rule known = RULES.get(number);
        if (known != null) {
            return known;
        }
        for (State entry : STATES) {
            if (state != null && state.startsWith(entry.beginning())) {
                return entry.rule();
            }
        }
        return UNKNOWN;
    }

    /** A certificate that is not accepted, or a store of certificates that is not there. */
    private static @Nullable Throwable untrusted(SQLException e) {
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException || cause instanceof FileNotFoundException) {
                return cause;
            }
        }
        return null;
    }

    /**
     * Whether the connection was lost. A batch that it is lost under closes its statement, fails
     * when it is then cleared, and tells only that.
     */
    private static boolean isLoss(Throwable e) {
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof IOException || cause instanceof StatementIsClosedException) {
                return true;
            }
        }
        return false;
    }

    private static void add(StringJoiner names, String what, Matcher message) {
        if (message.matches()) {
            names.add(what + " " + message.group(1));
        }
    }

    private static void retry(String condition, int... numbers) {
        rule(retryRule(condition), numbers);
    }

    private static void row(String condition, int... numbers) {
        rule(rowRule(condition), numbers);
    }

    private static void fatal(String condition, int... numbers) {
        rule(fatalRule(condition), numbers);
    }

    private static void rule(Rule rule, int... numbers) {
        for (int number : numbers) {
            if (RULES.put(number, rule) != null) {
                throw new IllegalStateException("two rules for error " + number);
            }
        }
    }

    /** What is said of it, by the driver or the server, are sizes. */
    private static Rule tooLarge() {
        return new Rule(
                ErrorClass.ROW,
                true,
                "the row is larger than the server takes: SET PERSIST max_allowed_packet there to"
                        + " more than twice its size, up to 1073741824");
    }

    private static Rule retryRule(String condition) {
        return new Rule(ErrorClass.RETRY, true, condition);
    }

    private static Rule rowRule(String condition) {
        return new Rule(ErrorClass.ROW, false, condition);
    }

    private static Rule fatalRule(String condition) {
        return new Rule(ErrorClass.FATAL, true, condition);
    }
}
