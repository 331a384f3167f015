package io.sluice.testkit;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** The administration of a server by SQL, the same however the server runs. */
final class MySqlSql {
    static final String ADMIN = "mysql";
    static final int ENCRYPTED_ALONE = 3159;
    private static final int READ_ONLY_VARIABLE = 1238;
    private static final int UNKNOWN_THREAD = 1094;

    private MySqlSql() {}

    static String quoted(String identifier) {
        return '`' + identifier.replace("`", "``") + '`';
    }

    static void run(MySqlServer server, String sql) {
        try (Connection connection = server.connect(ADMIN)) {
            execute(connection, sql);
        } catch (SQLException e) {
            throw refused(server, sql, e);
        }
    }

    static void dropDatabase(MySqlServer server, String name) {
        String drop = "DROP DATABASE IF EXISTS " + quoted(name);
        try (Connection connection = server.connect(ADMIN)) {
            endSessions(connection, name);
            execute(connection, "SET SESSION lock_wait_timeout = 30"); // a year without this
            execute(connection, drop);
        } catch (SQLException e) {
            throw refused(server, drop, e);
        }
    }

    private static void endSessions(Connection connection, String database) throws SQLException {
        String sql = "SELECT id FROM information_schema.processlist WHERE db = ?";
        List<Long> sessions = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, database);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    sessions.add(result.getLong(1));
                }
            }
        }
        for (long session : sessions) {
            try {
                execute(connection, "KILL " + session);
            } catch (SQLException e) {
                if (e.getErrorCode() != UNKNOWN_THREAD) {
                    throw e;
                }
            }
        }
    }

    static void setting(MySqlServer server, String name, String value) {
        String assignment = quoted(name) + " = " + literal(value);
        String sql = "SET PERSIST " + assignment;
        try (Connection connection = server.connect(ADMIN)) {
            try {
                execute(connection, sql);
                return;
            } catch (SQLException e) {
                if (e.getErrorCode() != READ_ONLY_VARIABLE) {
                    throw e;
                }
            }
            sql = "SET PERSIST_ONLY " + assignment;
            execute(connection, sql);
        } catch (SQLException e) {
            throw refused(server, sql, e);
        }
        server.restart();
    }

    /** Numbers are not taken in quotes. */
    private static String literal(String value) {
        return value.matches("-?\\d+(\\.\\d+)?") ? value : text(value);
    }

    static String text(String value) {
        return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'";
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static ServerException refused(MySqlServer server, String sql, SQLException cause) {
        return new ServerException(
                "the server on port " + server.port() + " refused: " + sql, cause);
    }
}
