package io.sluice.connectors.debezium;

import io.debezium.connector.postgresql.connection.LogicalDecodingMessage;
import io.debezium.connector.postgresql.connection.Lsn;
import io.debezium.connector.postgresql.connection.OriginMessage;
import io.debezium.connector.postgresql.connection.ReplicationMessage;
import io.debezium.connector.postgresql.connection.ReplicationStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * Debezium's replication stream, with the row changes of each transaction counted before anything
 * behind it can lose one, and with table names quoted so that Debezium reads them back unchanged.
 * Of a site's log, what others wrote there is left out here, before anything is made of it. Read by
 * one thread.
 */
final class CountedStream implements ReplicationStream {

    private final ReplicationStream stream;
    private final CommitCounts commits;
    private final QuotedNames names = new QuotedNames();
    private final @Nullable SiteLog site;
    private long changes;
    private boolean open;

    /**
     * @param site who wrote what, where the database is one of several sites; else null
     */
    CountedStream(ReplicationStream stream, CommitCounts commits, @Nullable SiteLog site) {
        this.stream = stream;
        this.commits = commits;
        this.site = site;
    }

    @Override
    public boolean readPending(ReplicationMessageProcessor processor)
            throws SQLException, InterruptedException {
        return stream.readPending(message -> process(message, processor));
    }

    @Override
    public void read(ReplicationMessageProcessor processor)
            throws SQLException, InterruptedException {
        stream.read(message -> process(message, processor));
    }

    private void process(ReplicationMessage message, ReplicationMessageProcessor processor)
            throws SQLException, InterruptedException {
        switch (message.getOperation()) {
            case BEGIN -> begin();
            case INSERT, UPDATE, DELETE, TRUNCATE, NOOP -> {
                if (isLeftOut()) {
                    return;
                }
                changes++;
            }
            case COMMIT -> commit();
            case MESSAGE, ORIGIN -> tell(message);
        }
        processor.process(names.repaired(message));
    }

    private void begin() {
        changes = 0;
        open = true;
        if (site != null) {
            site.begin();
        }
    }

    private boolean isLeftOut() {
        if (site == null) {
            return false;
        }
        if (!site.drops()) {
            site.changed();
            return false;
        }
        return true;
    }

    private void commit() {
        open = false;
        io.sluice.change.Lsn commit = new io.sluice.change.Lsn(stream.lastReceivedLsn().asLong());
        if (site == null) {
            commits.add(commit, changes);
        } else {
            commits.add(commit, changes, site.end(commit));
        }
    }

    /** A message outside of a transaction is nobody's mark. */
    private void tell(ReplicationMessage message) {
        if (site == null || !open) {
            return;
        }
        if (message instanceof OriginMessage origin) {
            site.origin(origin.getOriginName());
        } else if (message instanceof LogicalDecodingMessage mark) {
            String content = new String(mark.getContent(), StandardCharsets.UTF_8);
            switch (mark.getPrefix()) {
                case SiteCapture.APPLIED -> site.applied(content);
                case SiteCapture.MARK -> site.markText(content);
                default -> {}
            }
        }
    }

    @Override
    public void flushLsn(Lsn lsn) throws SQLException {
        stream.flushLsn(lsn);
    }

    @Override
    public Lsn lastReceivedLsn() {
        return stream.lastReceivedLsn();
    }

    @Override
    public Lsn startLsn() {
        return stream.startLsn();
    }

    @Override
    public void startKeepAlive(ExecutorService service) {
        stream.startKeepAlive(service);
    }

    @Override
    public void stopKeepAlive() {
        stream.stopKeepAlive();
    }

    @Override
    public void close() throws Exception {
        if (site != null) {
            site.close();
        }
        stream.close();
    }
}
