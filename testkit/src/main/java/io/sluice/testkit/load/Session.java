package io.sluice.testkit.load;

import java.io.IOException;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * A connection and its chances, as the steps use them. For one thread.
 *
 * @param values every chance that a step takes comes from here
 */
record Session(Connection connection, RandomValues values) {

    long execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.executeUpdate(sql);
        }
    }

    long update(String sql, @Nullable Object... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            set(statement, parameters);
            return statement.executeUpdate();
        }
    }

    /** One round trip for many statements of the same shape. */
    long batch(String sql, List<@Nullable Object[]> parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (@Nullable Object[] each : parameters) {
                set(statement, each);
                statement.addBatch();
            }
            long rows = 0;
            for (int count : statement.executeBatch()) {
                rows += Math.max(count, 0);
            }
            return rows;
        }
    }

    /** The first column of all rows. */
    List<Long> numbers(String sql, @Nullable Object... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            set(statement, parameters);
            List<Long> numbers = new ArrayList<>();
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    numbers.add(result.getLong(1));
                }
            }
            return numbers;
        }
    }

    /** Rows in COPY's text format. */
    long copy(String sql, String rows) throws SQLException {
        try {
            return connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn(sql, new StringReader(rows));
        } catch (IOException e) {
            throw new SQLException("COPY was broken off", "08006", e);
        }
    }

    /**
     * Keys of up to that many neighbouring rows that nobody else has locked, locked for this one.
     */
    List<Long> pick(String table, int count) throws SQLException {
        return numbers(
                "SELECT id FROM "
                        + table
                        + " WHERE id >= (SELECT min(id) + (max(id) - min(id)) * ? FROM "
                        + table
                        + ") ORDER BY id LIMIT ? FOR UPDATE SKIP LOCKED",
                values.fraction(),
                count);
    }

    private static void set(PreparedStatement statement, @Nullable Object... parameters)
            throws SQLException {
        for (int i = 0; i < parameters.length; i++) {
            statement.setObject(i + 1, parameters[i]);
        }
    }
}
