package io.sluice.connectors.mysql;

import io.sluice.connectors.spi.ErrorClass;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;

/**
 * What the server says of values that it has changed to make them fit: notes and warnings where an
 * error was called for. They are made the errors that they should have been.
 */
final class ServerWarnings {

    private ServerWarnings() {}

    /** Fails for a warning that is about a row; others, say of old syntax, are let go. */
    static void refuseChangedValues(Statement statement) throws SQLException {
        SQLWarning warning = statement.getWarnings();
        while (warning != null) {
            if (MySqlErrors.classify(warning.getErrorCode(), null) == ErrorClass.ROW) {
                throw asError(warning);
            }
            warning = warning.getNextWarning();
        }
    }

    /** Fails for any warning: with {@code LOCAL}, every error of a row is one. */
    static void refuseAny(Statement statement) throws SQLException {
        SQLWarning warning = statement.getWarnings();
        if (warning != null) {
            throw asError(warning);
        }
    }

    private static SQLException asError(SQLWarning warning) {
        return new SQLException(
                warning.getMessage(), warning.getSQLState(), warning.getErrorCode());
    }
}
