package io.sluice.connectors.mysql;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.Checkpoint;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * A connection on which whole tables are moved about, in transactions that hold the pipeline's
 * claim: another gateway's claim waits for their end, or ends them. Used by one thread.
 */
final class LoadSession implements AutoCloseable {

    private static final String SETTINGS =
            "SET SESSION transaction_isolation = 'READ-COMMITTED', foreign_key_checks = 0,"
                    + " unique_checks = 1, innodb_lock_wait_timeout = 20, lock_wait_timeout = 3,"
                    + " wait_timeout = 31536000";

    private final MySqlConnections connections;
    private final Connection connection;
    private final Checkpoint claim;

    LoadSession(MySqlConnections connections, Checkpoint claim) {
        this.connections = connections;
        this.claim = claim;
        connection = connections.openForWriting(SessionNames.apply(claim.pipeline()));
        try {
            // It takes as long as it takes.
            connection.setNetworkTimeout(Runnable::run, 0);
            execute(SETTINGS);
            connection.setAutoCommit(false);
        } catch (SQLException e) {
            connections.release(connection);
            throw MySqlErrors.failure(connections.name() + ": opening a session", e);
        }
    }

    Connection connection() {
        return connection;
    }

    /** What is done while the claim is held, and committed. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws SQLException;
    }

    <T> T held(String step, Work<T> work) {
        try {
            hold();
            T result = work.run();
            connection.commit();
            return result;
        } catch (SQLException e) {
            rollback();
            throw MySqlErrors.failure(connections.name() + ": " + step, e);
        } catch (RuntimeException e) {
            rollback();
            throw e;
        }
    }

    /** Holds the claim in a new transaction; a definition ends the one before. */
    void hold() throws SQLException {
        if (!CheckpointStore.isHeld(connection, claim)) {
            throw CheckpointStore.fenced(connection, claim);
        }
    }

    void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** False, and nothing done, if others hold what it needs. */
    boolean unlessLocked(String sql) throws SQLException {
        try {
            execute(sql);
            return true;
        } catch (SQLException e) {
            if (!isLock(e)) {
                throw e;
            }
            return false;
        }
    }

    static boolean isLock(SQLException e) {
        return e.getErrorCode() == MySqlErrors.LOCK_WAIT || "40001".equals(e.getSQLState());
    }

    boolean isEmpty(TableId table) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT NOT EXISTS (SELECT 1 FROM " + Sql.table(table) + ")")) {
            row.next();
            return row.getBoolean(1);
        }
    }

    @Override
    public void close() {
        connections.release(connection);
    }

    private void rollback() {
        try {
            connection.rollback();
        } catch (SQLException e) {
            connections.release(connection);
        }
    }
}
