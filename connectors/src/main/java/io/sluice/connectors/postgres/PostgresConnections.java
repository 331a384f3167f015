package io.sluice.connectors.postgres;

import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.DatabaseAddress;
import io.sluice.connectors.spi.ErrorClass;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.postgresql.Driver;

/**
 * Opens connections to one database, all with the same session settings. Thread-safe.
 *
 * <p>{@link #close()} cuts every connection that is still open, so that whoever waits on one gets
 * an error instead of waiting on.
 */
final class PostgresConnections implements AutoCloseable {

    /** Long enough for a busy server, short enough that a stalled one is noticed. */
    private static final int SOCKET_TIMEOUT_SECONDS = 60;

    private static final int CONNECT_TIMEOUT_SECONDS = 10;

    private final DatabaseAddress address;
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    PostgresConnections(DatabaseAddress address) {
        this.address = address;
    }

    /** Work on a connection that is closed afterwards. */
    @FunctionalInterface
    interface Work<T> {
        T on(Connection connection) throws SQLException;
    }

    /** The name that the configuration gives the database, to begin messages with. */
    String name() {
        return address.name();
    }

    DatabaseAddress address() {
        return address;
    }

    /** Does {@code work} on a connection of its own, in autocommit. */
    <T> T with(String application, String step, Work<T> work) {
        Connection connection = open(application);
        try {
            return work.on(connection);
        } catch (SQLException e) {
            throw PostgresErrors.failure(name() + ": " + step, e);
        } finally {
            release(connection);
        }
    }

    /** Work on a connection that returns nothing. */
    @FunctionalInterface
    interface Task {
        void on(Connection connection) throws SQLException;
    }

    /** As {@link #with}, for work that returns nothing. */
    void run(String application, String step, Task task) {
        with(
                application,
                step,
                connection -> {
                    task.on(connection);
                    return true;
                });
    }

    /** As {@link #with}, in one transaction that ends with the work. */
    <T> T inTransaction(String application, String step, Work<T> work) {
        return with(
                application,
                step,
                connection -> {
                    connection.setAutoCommit(false);
                    T result = work.on(connection);
                    connection.commit();
                    return result;
                });
    }

    /** Opens a connection in autocommit; {@link #release} closes it. */
    Connection open(String application) {
        return open(application, new Properties());
    }

    /**
     * Opens a connection that takes replication commands beside SQL, simple statements only. It
     * waits for answers without a limit: a slot is created only after the transactions that run
     * have ended.
     */
    Connection openReplication(String application) {
        Properties properties = new Properties();
        properties.setProperty("replication", "database");
        properties.setProperty("preferQueryMode", "simple");
        Connection connection = open(application, properties);
        try {
            connection.setNetworkTimeout(Runnable::run, 0);
            return connection;
        } catch (SQLException e) {
            release(connection);
            throw PostgresErrors.failure(name() + ": connecting", e);
        }
    }

    /** Bounds every later wait for an answer on the connection, where the URL does not. */
    void limitWaits(Connection connection, Duration limit) throws SQLException {
        if (address.url().contains("socketTimeout=")) {
            return;
        }
        connection.setNetworkTimeout(
                Runnable::run, (int) Math.min(limit.toMillis(), Integer.MAX_VALUE));
    }

    /** Closes a connection, whatever state it is in. An open transaction is rolled back. */
    void release(Connection connection) {
        open.remove(connection);
        try {
            connection.close();
        } catch (SQLException e) {
            // It is gone either way.
        }
    }

    /** Closes a connection that another thread may be waiting on. */
    void cut(Connection connection) {
        open.remove(connection);
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            // It is gone either way.
        }
    }

    @Override
    public void close() {
        closed = true;
        for (Connection connection : open) {
            try {
                connection.abort(Runnable::run);
            } catch (SQLException e) {
                // It is gone either way.
            }
        }
        open.clear();
    }

    private Connection open(String application, Properties properties) {
        properties.setProperty("user", address.username());
        properties.setProperty("password", address.password());
        properties.setProperty("ApplicationName", application);
        properties.setProperty("connectTimeout", Integer.toString(CONNECT_TIMEOUT_SECONDS));
        properties.setProperty("socketTimeout", Integer.toString(SOCKET_TIMEOUT_SECONDS));
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("socketFactory", GuardedSockets.class.getName());
        properties.setProperty("logServerErrorDetail", "false");
        properties.setProperty("assumeMinServerVersion", "12");
        Connection connection = null;
        try {
            // What the URL says goes before these.
            connection = new Driver().connect(address.url(), properties);
            if (connection == null) {
                throw new ConnectorException(
                        ErrorClass.FATAL,
                        "%s: the URL is not one of PostgreSQL; write it as jdbc:postgresql://host:port/database"
                                .formatted(name()));
            }
            open.add(connection);
            if (closed) {
                throw new ConnectorException(ErrorClass.RETRY, name() + ": being closed");
            }
            configure(connection, application);
            return connection;
        } catch (SQLException | ConnectorException e) {
            if (connection != null) {
                release(connection);
            }
            throw e instanceof SQLException sql
                    ? PostgresErrors.failure(name() + ": connecting", sql)
                    : (ConnectorException) e;
        }
    }

    /** One round trip; on a replication connection too, where parameters are not to be had. */
    private void configure(Connection connection, String application) throws SQLException {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("application_name", application);
        // pg_temp last, or temporary objects would go first.
        settings.put("search_path", "pg_catalog, pg_temp");
        settings.put("DateStyle", "ISO, YMD");
        settings.put("IntervalStyle", "postgres");
        settings.put("TimeZone", "UTC");
        settings.put("bytea_output", "hex");
        settings.put("extra_float_digits", "1");
        settings.put("lc_monetary", "C");
        settings.put("xmloption", "content");
        settings.put("default_transaction_isolation", "read committed");
        // Rows that a policy hides would be missing without a word; this makes it an error.
        settings.put("row_security", "off");
        settings.put("lock_timeout", "0");
        settings.put("idle_in_transaction_session_timeout", "0");
        settings.put("idle_session_timeout", "0");
        int version = connection.getMetaData().getDatabaseMajorVersion();
        if (version < 14) {
            settings.remove("idle_session_timeout");
        }
        if (version >= 17) {
            settings.put("transaction_timeout", "0");
        }
        if (!address.url().contains("statement_timeout")) {
            settings.put("statement_timeout", "0");
        }
        String calls =
                settings.entrySet().stream()
                        .map(
                                setting ->
                                        "pg_catalog.set_config(%s, %s, false)"
                                                .formatted(
                                                        Sql.literal(setting.getKey()),
                                                        Sql.literal(setting.getValue())))
                        .collect(Collectors.joining(", ", "SELECT ", ""));
        try (Statement statement = connection.createStatement()) {
            statement.execute(calls);
        }
    }
}
