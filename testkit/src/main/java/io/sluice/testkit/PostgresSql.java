package io.sluice.testkit;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/** The administration of a server by SQL, the same however the server runs. */
final class PostgresSql {
    static final String ADMIN = "postgres";
    private static final Duration RELOAD = Duration.ofSeconds(60);

    private PostgresSql() {}

    static String quoted(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    static String urlPart(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    static void run(PostgresServer server, String sql) {
        try (Connection connection = server.connect(ADMIN);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new ServerException(
                    "the server on port " + server.port() + " refused: " + sql, e);
        }
    }

    static void dropDatabase(PostgresServer server, String name) {
        String drop = "DROP DATABASE IF EXISTS " + quoted(name) + " WITH (FORCE)";
        try (Connection connection = server.connect(ADMIN)) {
            dropSlots(connection, name);
            try (Statement statement = connection.createStatement()) {
                statement.execute(drop);
            }
        } catch (SQLException e) {
            throw new ServerException(
                    "the server on port " + server.port() + " refused: " + drop, e);
        }
    }

    /** A database cannot be dropped while it has slots, nor a slot while somebody reads it. */
    private static void dropSlots(Connection connection, String database) throws SQLException {
        try (PreparedStatement end =
                        connection.prepareStatement(
                                "SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots"
                                        + " WHERE database = ? AND active_pid IS NOT NULL");
                PreparedStatement drop =
                        connection.prepareStatement(
                                "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
                                        + " WHERE database = ? AND active_pid IS NULL")) {
            end.setString(1, database);
            end.execute();
            drop.setString(1, database);
            drop.execute();
        }
    }

    static void setting(PostgresServer server, String name, String value) {
        String sql = "ALTER SYSTEM SET " + quoted(name) + " = '" + value.replace("'", "''") + "'";
        run(server, sql);
        String before = loadTime(server);
        run(server, "SELECT pg_reload_conf()");
        // The postmaster reloads on its own time; sessions that start afterwards show when it did.
        Waiting.until(
                RELOAD,
                "the server on port " + server.port() + " to reload its configuration",
                () -> !loadTime(server).equals(before));
    }

    private static String loadTime(PostgresServer server) {
        try (Connection connection = server.connect(ADMIN);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT pg_conf_load_time()::text")) {
            result.next();
            return result.getString(1);
        } catch (SQLException e) {
            throw new ServerException("cannot ask the server on port " + server.port(), e);
        }
    }
}
