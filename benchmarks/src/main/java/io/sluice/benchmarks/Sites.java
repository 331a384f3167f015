package io.sluice.benchmarks;

import io.sluice.testkit.DatabaseServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The benchmark's two databases, fresh for each contender. */
record Sites(DatabaseServer source, DatabaseServer target, String database) {

    /** Of both engines. */
    static final String BEAT = "CREATE TABLE beat (id bigint PRIMARY KEY)";

    BenchmarkEngine from() {
        return BenchmarkEngine.of(source);
    }

    BenchmarkEngine to() {
        return BenchmarkEngine.of(target);
    }

    void execute(DatabaseServer server, String... statements) throws SQLException {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** The other way. */
    Sites back() {
        return new Sites(target, source, database);
    }

    /** Both databases with empty tables, whose rows are logged whole. */
    void prepareBoth() throws SQLException {
        for (DatabaseServer server : new DatabaseServer[] {source, target}) {
            server.createDatabase(database);
            execute(
                    server,
                    BenchmarkEngine.of(server).big(),
                    BEAT,
                    "ALTER TABLE big REPLICA IDENTITY FULL",
                    "ALTER TABLE beat REPLICA IDENTITY FULL");
        }
    }

    /** Waits until a row of the source is at the target. */
    void beat(int id) throws SQLException {
        execute(source, "INSERT INTO beat VALUES (" + id + ")");
        awaitOnTarget("SELECT EXISTS (SELECT 1 FROM beat WHERE id = " + id + ")", 120);
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

    boolean holdsOnTarget(String sql) throws SQLException {
        try (Connection connection = target.connect(database);
                Statement statement = connection.createStatement()) {
            return isTrue(statement, sql);
        }
    }

    private static boolean isTrue(Statement statement, String sql) throws SQLException {
        try (ResultSet result = statement.executeQuery(sql)) {
            return result.next() && result.getBoolean(1);
        }
    }
}
