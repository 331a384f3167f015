package io.sluice.benchmarks;

import io.sluice.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The benchmark's two databases, fresh for each contender. */
record Sites(PostgresServer source, PostgresServer target, String database) {

    static final String BIG =
            "CREATE TABLE big (id bigint PRIMARY KEY, a int, b text, c timestamptz, d"
                    + " numeric(12,2))";

    void execute(PostgresServer server, String... statements) throws SQLException {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** Waits until a query of the target, asked every few milliseconds, says true. */
    void awaitOnTarget(String sql, long seconds) throws SQLException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        try (Connection connection = target.connect(database);
                Statement statement = connection.createStatement()) {
            while (System.nanoTime() < deadline) {
                if (isTrue(statement, sql)) {
                    return;
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            }
        }
        throw new IllegalStateException("not within " + seconds + " s: " + sql);
    }

    private static boolean isTrue(Statement statement, String sql) throws SQLException {
        try (ResultSet result = statement.executeQuery(sql)) {
            return result.next() && result.getBoolean(1);
        }
    }
}
