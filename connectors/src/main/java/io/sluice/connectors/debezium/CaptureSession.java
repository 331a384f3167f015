package io.sluice.connectors.debezium;

import io.sluice.change.Lsn;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.Statement;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What one {@link PostgresChangeSource} shares with the objects that Debezium makes by class name:
 * they find it by the identifier in their configuration. Thread-safe.
 *
 * <p>It opens all connections of the engine, so that it can cut those that the engine cannot close.
 */
final class CaptureSession implements EngineSession {

    // The text of values depends on these settings of the session that writes it. The server's,
    // the database's and the role's own are overruled. DateStyle and TimeZone cannot go into the
    // start-up packet, where the driver puts its own.
    private static final String TEXT_FORM =
            "SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; SET TimeZone = 'UTC';"
                    + " SET bytea_output = 'hex'; SET extra_float_digits = 3;"
                    + " SET lc_monetary = 'C'; SET search_path = pg_catalog;"
                    + " SET quote_all_identifiers = off";

    // A session that waits for changes is idle by nature.
    private static final String NO_TIMEOUTS =
            """
            SELECT pg_catalog.set_config(name, '0', false) FROM pg_catalog.pg_settings WHERE name IN
            ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout',
            'idle_session_timeout', 'transaction_timeout')""";

    final String id = EngineSession.newId();

    final PostgresCaptureSettings settings;
    final Lsn from;

    /** What the target has; the only position that the source ever hears. */
    final AtomicReference<Lsn> acknowledged;

    final CommitCounts commits = new CommitCounts();

    /** Where the database is one of several sites; else null. */
    final @Nullable LoopProbe probe;

    /** Done once the server streams. */
    final CompletableFuture<Void> streaming = new CompletableFuture<>();

    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private volatile boolean cut;

    CaptureSession(PostgresCaptureSettings settings, Lsn from) {
        this.settings = settings;
        this.from = from;
        acknowledged = new AtomicReference<>(from);
        SiteCapture site = settings.site();
        probe = site == null ? null : new LoopProbe(settings.pipeline(), site);
        EngineSession.open(this);
    }

    /** Who wrote what of the log; null where the database is no site. */
    @Nullable SiteLog siteLog() {
        SiteCapture site = settings.site();
        return site == null || probe == null ? null : new SiteLog(settings.pipeline(), site, probe);
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public CompletableFuture<Void> streaming() {
        return streaming;
    }

    /**
     * The offset lacks {@code lsn_proc} on purpose: with it, Debezium would search the log for the
     * last event that it saw and skip others at the same position.
     */
    @Override
    public String offset() {
        return "{\"lsn\":%1$d,\"lsn_commit\":%1$d,\"ts_usec\":0}"
                .formatted(Objects.requireNonNull(acknowledged.get()).value());
    }

    /**
     * Opens a connection to the source.
     *
     * @param special the driver's properties that make it a replication connection
     */
    Connection connect(Properties special) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("connectTimeout", "10");
        properties.setProperty("loginTimeout", "10");
        properties.setProperty("tcpKeepAlive", "true");
        // Half a message, or no answer to a probe, for this long is a dead link. Waiting for the
        // next message of the log is not reading and is not limited.
        properties.setProperty("socketTimeout", "20");
        properties.setProperty("ApplicationName", applicationName());
        properties.putAll(settings.driverProperties());
        properties.putAll(special);
        properties.setProperty("user", settings.username());
        properties.setProperty("password", settings.password());
        Connection connection = new org.postgresql.Driver().connect(url(), properties);
        if (connection == null) {
            throw new SQLNonTransientConnectionException("the driver does not take its own URL");
        }
        connections.removeIf(CaptureSession::isClosed);
        connections.add(connection);
        if (cut) {
            abort(connection);
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute(TEXT_FORM);
            statement.execute(NO_TIMEOUTS);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
        return connection;
    }

    private String url() {
        String host = settings.host();
        boolean bareIpv6 = host.contains(":") && !host.startsWith("[");
        return "jdbc:postgresql://%s:%d/%s"
                .formatted(
                        bareIpv6 ? "[" + host + "]" : host,
                        settings.port(),
                        URLEncoder.encode(settings.database(), StandardCharsets.UTF_8));
    }

    private String applicationName() {
        return "sluice " + settings.pipeline().replaceAll("[^ -~]", "?");
    }

    private static boolean isClosed(Connection connection) {
        try {
            return connection.isClosed();
        } catch (SQLException e) {
            return true;
        }
    }

    /**
     * Cuts all connections, those to come included, without a word to the server. Threads that wait
     * on them get an exception.
     */
    @Override
    public void cut() {
        cut = true;
        connections.forEach(CaptureSession::abort);
    }

    private static void abort(Connection connection) {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            // Nothing better is left to do with it, and nothing depends on it.
        }
    }
}
