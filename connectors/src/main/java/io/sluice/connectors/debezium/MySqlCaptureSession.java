package io.sluice.connectors.debezium;

import io.sluice.change.BinlogPosition;
import io.sluice.change.GtidSet;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What one {@link MySqlChangeSource} shares with the objects that Debezium makes by class name.
 * Thread-safe.
 *
 * <p>It opens all connections of the engine, so that it can cut those that the engine cannot close.
 */
final class MySqlCaptureSession implements EngineSession {

    // The server sends a heartbeat more often than this; without one, the link is dead.
    private static final int SILENCE_LIMIT_MILLIS = 20_000;

    final String id = EngineSession.newId();
    final MySqlCaptureSettings settings;
    final BinlogPosition from;

    /** Where the server is one of several sites; else null. */
    final @Nullable LoopProbe probe;

    private final CompletableFuture<Void> streaming = new CompletableFuture<>();
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile boolean ending;
    private volatile boolean cut;
    private volatile @Nullable Thread reader;

    MySqlCaptureSession(MySqlCaptureSettings settings, BinlogPosition from) {
        this.settings = settings;
        this.from = from;
        SiteCapture site = settings.site();
        probe = site == null ? null : new LoopProbe(settings.pipeline(), site);
        EngineSession.open(this);
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
     * Always the checkpoint that the source was made from: an engine reads it once, and nothing is
     * stored. It says that no event of the next transaction was seen yet.
     */
    @Override
    public String offset() {
        GtidSet gtids = from.gtids();
        return "{\"file\":\"%s\",\"pos\":%d,\"event\":0,\"row\":0%s}"
                .formatted(
                        from.file().replace("\\", "\\\\").replace("\"", "\\\""),
                        from.offset(),
                        gtids == null ? "" : ",\"gtids\":\"" + gtids.text() + "\"");
    }

    /** Opens a connection for queries. */
    Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("connectTimeout", "10000");
        properties.setProperty("socketTimeout", Integer.toString(SILENCE_LIMIT_MILLIS));
        properties.setProperty("characterEncoding", "UTF-8");
        properties.setProperty("connectionTimeZone", "UTC");
        properties.setProperty("forceConnectionTimeZoneToSession", "true");
        properties.setProperty("allowLoadLocalInfile", "false");
        properties.setProperty("enableEscapeProcessing", "false"); // a name may look like one
        properties.setProperty("processEscapeCodesForPrepStmts", "false");
        properties.putAll(settings.driverProperties());
        properties.setProperty("user", settings.username());
        properties.setProperty("password", settings.password());
        Connection connection = new com.mysql.cj.jdbc.Driver().connect(url(), properties);
        if (connection == null) {
            throw new SQLNonTransientConnectionException("the driver does not take its own URL");
        }
        connections.removeIf(MySqlCaptureSession::isClosed);
        connections.add(connection);
        if (cut) {
            abort(connection);
        }
        return connection;
    }

    private String url() {
        String host = settings.host();
        boolean bareIpv6 = host.contains(":") && !host.startsWith("[");
        return "jdbc:mysql://%s:%d/".formatted(bareIpv6 ? "[" + host + "]" : host, settings.port());
    }

    /** Makes the socket that the log comes through, not connected yet. */
    Socket logSocket() throws SocketException {
        Socket socket = new Socket();
        socket.setSoTimeout(SILENCE_LIMIT_MILLIS);
        socket.setKeepAlive(true);
        sockets.removeIf(Socket::isClosed);
        sockets.add(socket);
        if (cut) {
            close(socket);
        }
        return socket;
    }

    /** The thread that reads the log tells who it is. */
    void readBy(Thread thread) {
        reader = thread;
        if (ending) {
            thread.interrupt();
        }
    }

    /** The thread that reads the log may wait for room that nobody makes. */
    @Override
    public void ending() {
        ending = true;
        Thread waiting = reader;
        if (waiting != null) {
            waiting.interrupt();
        }
    }

    private static boolean isClosed(Connection connection) {
        try {
            return connection.isClosed();
        } catch (SQLException e) {
            return true;
        }
    }

    @Override
    public void cut() {
        cut = true;
        connections.forEach(MySqlCaptureSession::abort);
        sockets.forEach(MySqlCaptureSession::close);
    }

    private static void abort(Connection connection) {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            // Nothing better is left to do with it, and nothing depends on it.
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // As above.
        }
    }
}
