package io.sluice.connectors.debezium;

import com.github.shyiko.mysql.binlog.network.SSLMode;
import com.github.shyiko.mysql.binlog.network.SSLSocketFactory;
import com.mysql.cj.ServerVersion;
import com.mysql.cj.conf.PropertyDefinitions.SslMode;
import com.mysql.cj.conf.PropertyKey;
import com.mysql.cj.conf.PropertySet;
import com.mysql.cj.exceptions.CJException;
import com.mysql.cj.exceptions.ExceptionInterceptor;
import com.mysql.cj.jdbc.JdbcPropertySetImpl;
import com.mysql.cj.log.Log;
import com.mysql.cj.protocol.AbstractSocketConnection;
import com.mysql.cj.protocol.ExportControlled;
import com.mysql.cj.protocol.ServerSession;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.util.Properties;
import javax.net.ssl.SSLSocket;

/**
 * The encryption of the connection that reads the log, which is no connection of the driver's.
 *
 * <p>The handshake and what it verifies are the driver's own, under the same properties: so the log
 * cannot come over a connection that the driver would refuse. The log's client by itself knows one
 * kind of key store, and compares a certificate with the name that the network gives the server's
 * address, which need not be the name that the configuration gives.
 */
final class LogEncryption extends AbstractSocketConnection implements SSLSocketFactory {

    private static final ServerVersion ANY = new ServerVersion(8, 0, 0);

    LogEncryption(MySqlCaptureSettings settings) {
        host = settings.host();
        port = settings.port();
        Properties properties = new Properties();
        properties.putAll(settings.driverProperties());
        JdbcPropertySetImpl set = new JdbcPropertySetImpl();
        set.initializeProperties(properties);
        propertySet = set;
    }

    /** Whether the client asks for encryption. What is verified then is decided here alone. */
    SSLMode mode() {
        SslMode mode = propertySet.<SslMode>getEnumProperty(PropertyKey.sslMode).getValue();
        return switch (mode) {
            case DISABLED -> SSLMode.DISABLED;
            case PREFERRED -> SSLMode.PREFERRED;
            case REQUIRED, VERIFY_CA, VERIFY_IDENTITY -> SSLMode.REQUIRED;
        };
    }

    @Override
    public SSLSocket createSocket(Socket socket) throws SocketException {
        try {
            return (SSLSocket) ExportControlled.performTlsHandshake(socket, this, ANY, null);
        } catch (IOException | CJException e) {
            SocketException failure =
                    new SocketException(
                            "no encrypted connection to %s:%d: %s"
                                    .formatted(host, port, e.getMessage()));
            failure.initCause(e);
            throw failure;
        }
    }

    @Override
    public void connect(
            String host,
            int port,
            PropertySet properties,
            ExceptionInterceptor interceptor,
            Log log,
            int loginTimeout) {
        throw new UnsupportedOperationException("the log's client connects its socket itself");
    }

    @Override
    public void performTlsHandshake(ServerSession session) {
        throw new UnsupportedOperationException("the log's client asks for its socket alone");
    }
}
