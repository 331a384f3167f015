package io.sluice.connectors.debezium;

import com.github.shyiko.mysql.binlog.BinaryLogClient;
import com.github.shyiko.mysql.binlog.network.SSLMode;
import com.github.shyiko.mysql.binlog.network.SSLSocketFactory;
import io.sluice.change.GtidSet;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The client that asks the server for its log, always exactly from the checkpoint on. Used as its
 * base class is.
 */
final class BinlogClient extends BinaryLogClient {

    // It tells of each connection on the JDK's own log, which goes to the error output.
    private static final Logger CLIENT_LOG = Logger.getLogger(BinlogClient.class.getName());

    static {
        CLIENT_LOG.setLevel(Level.SEVERE);
    }

    private final MySqlCaptureSession session;

    BinlogClient(MySqlCaptureSession session) {
        super(
                session.settings.host(),
                session.settings.port(),
                session.settings.username(),
                session.settings.password());
        this.session = session;
        setSocketFactory(() -> session.logSocket());
        LogEncryption encryption = new LogEncryption(session.settings);
        super.setSSLMode(encryption.mode());
        super.setSslSocketFactory(encryption);
    }

    /** It is {@link LogEncryption} that says, whatever Debezium makes of it. */
    @Override
    public void setSSLMode(SSLMode ignored) {
        // Not by Debezium.
    }

    @Override
    public void setSslSocketFactory(SSLSocketFactory ignored) {
        // Not by Debezium.
    }

    /**
     * The set of the checkpoint, whatever Debezium makes of it: it adds what the server has purged,
     * and so would jump over a gap that the server itself refuses.
     */
    @Override
    public void setGtidSet(String ignored) {
        GtidSet gtids = session.from.gtids();
        if (gtids == null) {
            throw new IllegalStateException("the log is followed by file and offset");
        }
        setBinlogFilename("");
        super.setGtidSet(gtids.text());
    }
}
