package io.sluice.connectors.jdbc;

import java.sql.SQLException;

/**
 * How what is asked of a database is done, one step after the other, and told of where it fails.
 */
@FunctionalInterface
public interface Steps {

    /**
     * @param step for the error's words, after those for the place
     */
    <T> T run(String step, Work<T> work);

    /** What is done in a step. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws SQLException;
    }
}
