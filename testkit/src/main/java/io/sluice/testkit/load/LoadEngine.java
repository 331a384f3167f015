package io.sluice.testkit.load;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/** What a load does in its own way on each database: its tables, steps and errors. */
public enum LoadEngine {
    POSTGRES(
            LoadSchema.POSTGRES,
            List.of("SET lock_timeout = '5s'", "SET client_connection_check_interval = '1s'"),
            // Serialization, deadlock, lock time-out, unique and foreign key.
            Set.of("40001", "40P01", "55P03", "23505", "23503"),
            // What a server says that shuts down, crashed or is starting.
            "57P") {
        @Override
        public void createSchema(Connection connection) throws SQLException {
            LoadSchema.createOnPostgres(connection);
        }

        @Override
        StepChoice pick(RandomValues values) {
            return StepKind.pick(values);
        }

        @Override
        StepChoice pickTruncate(RandomValues values) {
            return values.oneOf(StepKind.TRUNCATE_ONE, StepKind.TRUNCATE_SEVERAL);
        }
    },

    MYSQL(
            LoadSchema.MYSQL,
            // At the default level the gaps between rows are locked, and most transactions wait.
            List.of(
                    "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
                    "SET SESSION innodb_lock_wait_timeout = 5",
                    "SET SESSION time_zone = '+00:00'"),
            // Deadlock, unique and foreign key; a lock's time-out has a number alone.
            Set.of("40001", "23000"),
            "08") {
        private static final int LOCK_WAIT_TIMEOUT = 1205;

        @Override
        public void createSchema(Connection connection) throws SQLException {
            LoadSchema.createOnMySql(connection);
        }

        @Override
        StepChoice pick(RandomValues values) {
            return MySqlStepKind.pick(values);
        }

        @Override
        StepChoice pickTruncate(RandomValues values) {
            return MySqlStepKind.TRUNCATE_ONE;
        }

        @Override
        public boolean isCollision(SQLException failure) {
            return super.isCollision(failure) || failure.getErrorCode() == LOCK_WAIT_TIMEOUT;
        }
    };

    private final List<String> tables;
    private final List<String> settings;
    private final Set<String> collisions;
    private final String outage;

    LoadEngine(List<String> tables, List<String> settings, Set<String> collisions, String outage) {
        this.tables = tables;
        this.settings = settings;
        this.collisions = collisions;
        this.outage = outage;
    }

    /** Without quotes, referenced ones first. */
    public List<String> tables() {
        return tables;
    }

    /** Statements for each new connection. */
    public List<String> settings() {
        return settings;
    }

    /** Makes the tables in an empty database, and the few rows that they begin with. */
    public abstract void createSchema(Connection connection) throws SQLException;

    /** A step of those that may come anywhere in a transaction. */
    abstract StepChoice pick(RandomValues values);

    /** A step that may only be the first. */
    abstract StepChoice pickTruncate(RandomValues values);

    /** Whether transactions stood in each other's way, so that this one is rolled back. */
    public boolean isCollision(SQLException failure) {
        return collisions.contains(state(failure));
    }

    /** Whether the connection is lost, for the server's or the network's sake. */
    public boolean isLost(SQLException failure) {
        String state = state(failure);
        return state.startsWith("08") || state.startsWith(outage);
    }

    private static String state(SQLException failure) {
        String state = failure.getSQLState();
        if (state == null && failure.getNextException() != null) {
            state = failure.getNextException().getSQLState();
        }
        return state == null ? "" : state;
    }
}
