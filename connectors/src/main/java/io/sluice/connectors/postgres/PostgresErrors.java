package io.sluice.connectors.postgres;

import io.sluice.connectors.jdbc.Steps;
import io.sluice.connectors.spi.CollisionException;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * What PostgreSQL's errors mean: one table from SQLSTATE to class and condition.
 *
 * <p>A server's message may hold values of a row ({@code invalid input syntax for type integer:
 * "…"}), so it is passed on only where a rule says that it cannot. Elsewhere the condition stands
 * in our words, with the names that the server sends along: constraint, column, type.
 */
final class PostgresErrors {

    /**
     * @param state a SQLSTATE, or the beginning of those it stands for; the first match counts
     * @param quotable whether the server's message is free of row values
     */
    private record Rule(String state, ErrorClass errorClass, boolean quotable, String condition) {}

    /** A failed serialization, a deadlock. */
    private static final Set<String> COLLISIONS = Set.of("40001", "40P01");

    private static final List<Rule> RULES =
            List.of(
                    retry("08", "the connection was lost or could not be made"),
                    row("22001", "a value is too long for its column"),
                    row("22003", "a number is out of the column's range"),
                    row("22007", "a value is not a valid date or time"),
                    row("22008", "a date or time is out of range"),
                    row("22P02", "a value is not in the form of the column's type"),
                    row("22021", "a text holds a character that the database cannot store"),
                    row("22P05", "a text holds a character that the database cannot store"),
                    row("22", "a value does not fit its column"),
                    row("23502", "a column that must not be null was given none"),
                    row("23503", "a foreign key is violated"),
                    row("23505", "a unique key is violated: such a row exists already"),
                    row("23514", "a check constraint is violated"),
                    row("23P01", "an exclusion constraint is violated"),
                    row("23", "a constraint is violated"),
                    row("42804", "a value is of another type than its column"),
                    row("42846", "a value cannot be converted to its column's type"),
                    row("44000", "a view's check option is violated"),
                    row("54000", "a value is too large, for instance for an index"),
                    row("P0001", "a trigger or function refused the row"),
                    row("P0004", "an assertion in a trigger or function failed"),
                    retry("25006", "the database is read-only at the moment"),
                    retry("25P03", "the server ended a transaction that was idle for too long"),
                    retry("25P04", "the server ended a transaction that took too long"),
                    retry("40001", "the transaction collided with another one"),
                    retry("40003", "whether the statement took place is not known"),
                    retry("40P01", "the transaction was in a deadlock with another one"),
                    retry("53100", "the server's disk is full"),
                    retry("53200", "the server is out of memory"),
                    retry("53300", "the server has no free connection"),
                    retry("53", "the server lacks resources"),
                    retry("55006", "what is needed is in use by others"),
                    retry("55P03", "a lock was not to be had in time"),
                    retry(
                            "57014",
                            "the statement was cancelled, for instance by a time-out: raise"
                                    + " apply.statementTimeout, or look for a missing index or a"
                                    + " lock that is held"),
                    retry("57P01", "the server ended the connection or is shutting down"),
                    retry("57P02", "the server crashed and restarts"),
                    retry("57P03", "the server does not accept connections yet"),
                    retry("57P05", "the server ended a connection that was idle for too long"),
                    fatal("0A000", "the database cannot do this"),
                    fatal("28", "the role may not log in; correct user name and password"),
                    fatal("3D000", "there is no such database"),
                    fatal("3F000", "there is no such schema"),
                    fatal("42501", "the role lacks a privilege"),
                    fatal("42", "the statement does not fit the database's tables"),
                    fatal("55000", "an object is not in the state that is needed"),
                    fatal("57P04", "the database was dropped"));

    private static final String NOT_IN_STATE = "55000";

    private static final Rule UNTRUSTED =
            fatal(
                    "",
                    "the server's certificate was not accepted: see sslmode and sslrootcert in the"
                            + " URL");

    private static final Rule UNKNOWN =
            new Rule(
                    "",
                    ErrorClass.FATAL,
                    false,
                    "an error that is not known to be one that passes; the server's log has more");

    private PostgresErrors() {}

    static ErrorClass classify(SQLException e) {
        return rule(e).errorClass();
    }

    /** Whether another row stands in the way. */
    static boolean isOfUniqueKey(SQLException e) {
        return "23505".equals(e.getSQLState()) || "23P01".equals(e.getSQLState());
    }

    /** What went wrong in words without row values: condition, SQLSTATE, names. */
    static String reason(SQLException e) {
        Rule rule = rule(e);
        ServerErrorMessage server =
                e instanceof PSQLException postgres ? postgres.getServerErrorMessage() : null;
        StringJoiner names = new StringJoiner(", ", " (", ")");
        names.setEmptyValue("");
        if (e.getSQLState() != null) {
            names.add("SQLSTATE " + e.getSQLState());
        }
        if (server != null) {
            add(names, "constraint", server.getConstraint());
            add(names, "column", server.getColumn());
            add(names, "type", server.getDatatype());
        }
        String said = rule.quotable() ? ": " + message(e, server) : "";
        return rule.condition() + names + said;
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
     *     inserting into public.t}
     */
    static ConnectorException failure(String step, SQLException e) {
        String message = step + " failed: " + reason(e);
        return COLLISIONS.contains(String.valueOf(e.getSQLState()))
                ? new CollisionException(message, cause(e))
                : new ConnectorException(classify(e), message, cause(e));
    }

    /** The cause to keep: the exception itself, or one without a message that may hold values. */
    static SQLException cause(SQLException e) {
        if (rule(e).quotable()) {
            return e;
        }
        SQLException stripped = new SQLException(reason(e), e.getSQLState());
        stripped.setStackTrace(e.getStackTrace());
        return stripped;
    }

    private static Rule rule(SQLException e) {
        if (isUntrusted(e)) {
            return UNTRUSTED;
        }
        String state = e.getSQLState();
        if (state == null || state.isEmpty()) {
            return isIo(e) ? RULES.getFirst() : UNKNOWN;
        }
        if (state.equals(NOT_IN_STATE) && isOfTheDriver(e)) {
            return RULES.getFirst();
        }
        for (Rule rule : RULES) {
            if (state.startsWith(rule.state())) {
                return rule;
            }
        }
        return UNKNOWN;
    }

    /** The driver says so of a stream whose connection has just broken under it. */
    private static boolean isOfTheDriver(SQLException e) {
        return e instanceof PSQLException postgres && postgres.getServerErrorMessage() == null;
    }

    /** A certificate that is not accepted, or a file of certificates that is not there. */
    private static boolean isUntrusted(SQLException e) {
        if (e instanceof PSQLException postgres && postgres.getServerErrorMessage() != null) {
            return false;
        }
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException || cause instanceof FileNotFoundException) {
                return true;
            }
        }
        // The driver names what refused the host's name; the words around it are translated.
        return String.valueOf(e.getMessage()).contains("HostnameVerifier");
    }

    private static boolean isIo(Throwable e) {
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof IOException) {
                return true;
            }
        }
        return false;
    }

    private static String message(SQLException e, @Nullable ServerErrorMessage server) {
        String said = server == null ? e.getMessage() : server.getMessage();
        return said == null ? e.getClass().getSimpleName() : said;
    }

    private static void add(StringJoiner names, String what, @Nullable String name) {
        if (name != null) {
            names.add(what + " " + name);
        }
    }

    private static Rule retry(String state, String condition) {
        return new Rule(state, ErrorClass.RETRY, true, condition);
    }

    private static Rule row(String state, String condition) {
        return new Rule(state, ErrorClass.ROW, false, condition);
    }

    private static Rule fatal(String state, String condition) {
        return new Rule(state, ErrorClass.FATAL, true, condition);
    }
}
