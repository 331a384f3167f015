package io.sluice.connectors.mysql;

import com.mysql.cj.conf.ConnectionUrl;
import com.mysql.cj.conf.HostInfo;
import com.mysql.cj.exceptions.CJException;
import com.mysql.cj.jdbc.Driver;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.DatabaseAddress;
import io.sluice.connectors.spi.ErrorClass;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Opens connections to one server, all with the same session settings. Thread-safe.
 *
 * <p>Under the session's {@code sql_mode} a value that does not fit is an error, and dates that a
 * MySQL can hold arrive as they are: zero dates, dates with a zero in them, and the 31st of
 * February of a server that allows it. A zero in a numbered column stays a zero.
 *
 * <p>A password goes to the server in the clear only within TLS, which the driver uses where the
 * server offers it. Without TLS it is encrypted under the server's public key, and the driver asks
 * the server for that key only where the server is on this machine, or where the URL says {@code
 * allowPublicKeyRetrieval=true}: over a network, whoever answers could send a key of his own. What
 * the URL says of waits and of this key goes before what is set here.
 *
 * <p>{@link #close()} cuts every connection that is still open, so that whoever waits on one gets
 * an error instead of waiting on.
 */
final class MySqlConnections implements AutoCloseable {

    /** Long enough for a busy server, short enough that a stalled one is noticed. */
    private static final int SOCKET_TIMEOUT_MILLIS = 60_000;

    private static final int CONNECT_TIMEOUT_MILLIS = 10_000;

    /** What a URL may say otherwise. The driver itself takes a property for more than its URL. */
    private static final Set<String> LEFT_TO_URL =
            Set.of("connectTimeout", "socketTimeout", "tcpKeepAlive", "allowPublicKeyRetrieval");

    private static final Set<String> THIS_MACHINE =
            Set.of("localhost", "127.0.0.1", "::1", "[::1]", "0:0:0:0:0:0:0:1");

    private static final String SETTINGS =
            """
            SET SESSION time_zone = '+00:00',
              sql_mode = 'STRICT_ALL_TABLES,STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION,\
            NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES',
              sql_safe_updates = 0, sql_select_limit = DEFAULT, sql_notes = 1,
              sql_auto_is_null = 0, autocommit = 1,
              lock_wait_timeout = 60, wait_timeout = 28800,
              net_read_timeout = 600, net_write_timeout = 600""";

    /** With these, values would be read or written otherwise than they are meant. */
    private static final Pattern NOT_IN_URL =
            Pattern.compile(
                    "(?i)[?&](useAffectedRows|autoReconnect|characterEncoding|connectionCollation"
                            + "|characterSetResults|sessionVariables|connectionTimeZone"
                            + "|serverTimezone|zeroDateTimeBehavior|allowMultiQueries"
                            + "|enableEscapeProcessing|processEscapeCodesForPrepStmts)=");

    private final DatabaseAddress address;
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    MySqlConnections(DatabaseAddress address) {
        this.address = address;
    }

    /** Work on a connection that is closed afterwards. */
    @FunctionalInterface
    interface Work<T> {
        T on(Connection connection) throws SQLException;
    }

    /** Work on a connection that returns nothing. */
    @FunctionalInterface
    interface Task {
        void on(Connection connection) throws SQLException;
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
            throw MySqlErrors.failure(name() + ": " + step, e);
        } finally {
            release(connection);
        }
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
     * Opens a connection that takes several statements at once, and lets rows be loaded from a
     * stream. A path in which nothing can be is named for files, so that a server which asks for
     * one of this machine's gets none.
     */
    Connection openForWriting(String application) {
        Properties properties = new Properties();
        properties.setProperty("allowMultiQueries", "true");
        properties.setProperty("allowLoadLocalInfileInPath", nowhere());
        // Or it asks the server to cancel the statement, over another connection, and waits for the
        // answer of a server that may be the one that does not answer. The next claim ends what the
        // server still has of the session.
        properties.setProperty("queryTimeoutKillsConnection", "true");
        return open(application, properties);
    }

    /** Bounds every later wait for an answer on the connection, where the URL does not. */
    void limitWaits(Connection connection, Duration limit) throws SQLException {
        if (isInUrl("socketTimeout")) {
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

    private boolean isInUrl(String property) {
        return Pattern.compile("[?&]" + property + "=", Pattern.CASE_INSENSITIVE)
                .matcher(address.url())
                .find();
    }

    private void requireOwnSettings() {
        Matcher refused = NOT_IN_URL.matcher(address.url());
        if (refused.find()) {
            throw new ConnectorException(
                    ErrorClass.FATAL,
                    "%s: the URL sets %s, which the gateway has to decide itself; take it out"
                            .formatted(name(), refused.group(1)));
        }
    }

    private Connection open(String application, Properties properties) {
        requireOwnSettings();
        properties.setProperty("user", address.username());
        properties.setProperty("password", address.password());
        properties.setProperty(
                "connectionAttributes", "program_name:" + application.replace(',', ';'));
        properties.setProperty("connectTimeout", Integer.toString(CONNECT_TIMEOUT_MILLIS));
        properties.setProperty("socketTimeout", Integer.toString(SOCKET_TIMEOUT_MILLIS));
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("characterEncoding", "UTF-8");
        properties.setProperty("connectionTimeZone", "UTC");
        properties.setProperty("tinyInt1isBit", "false");
        properties.setProperty("yearIsDateType", "false");
        // Or the driver asks the server before every statement whether it may write.
        properties.setProperty("readOnlyPropagatesToServer", "false");
        // Rows that were found count, whether they were changed or not.
        properties.setProperty("useAffectedRows", "false");
        properties.setProperty("allowLoadLocalInfile", "false");
        // A name may look like one of JDBC's escapes, such as {d '2020-01-01'}.
        properties.setProperty("enableEscapeProcessing", "false");
        properties.setProperty("processEscapeCodesForPrepStmts", "false");
        // Messages would quote the statement, and with it values.
        properties.setProperty("includeInnodbStatusInDeadlockExceptions", "false");
        properties.setProperty("dumpQueriesOnException", "false");
        Connection connection = null;
        try {
            if (isOnThisMachine(address.url())) {
                properties.setProperty("allowPublicKeyRetrieval", "true");
            }
            LEFT_TO_URL.stream().filter(name -> isInUrl(name)).forEach(properties::remove);
            connection = new Driver().connect(address.url(), properties);
            if (connection == null) {
                throw notOneOfMySql();
            }
            open.add(connection);
            if (closed) {
                throw new ConnectorException(ErrorClass.RETRY, name() + ": being closed");
            }
            try (Statement statement = connection.createStatement()) {
                statement.execute(SETTINGS);
            }
            return connection;
        } catch (SQLException | ConnectorException e) {
            if (connection != null) {
                release(connection);
            }
            throw e instanceof SQLException sql
                    ? MySqlErrors.failure(name() + ": connecting", sql)
                    : (ConnectorException) e;
        }
    }

    boolean isOnThisMachine(String url) {
        try {
            return ConnectionUrl.acceptsUrl(url)
                    && ConnectionUrl.getConnectionUrlInstance(url, new Properties())
                            .getHostsList()
                            .stream()
                            .map(HostInfo::getHost)
                            .allMatch(host -> host != null && THIS_MACHINE.contains(host));
        } catch (CJException e) {
            throw notOneOfMySql();
        }
    }

    private ConnectorException notOneOfMySql() {
        return new ConnectorException(
                ErrorClass.FATAL,
                "%s: the URL is not one of MySQL; write it as jdbc:mysql://host:port/database"
                        .formatted(name()));
    }

    private static String nowhere() {
        return Path.of("/", "sluice-loads-no-files").toString();
    }
}
