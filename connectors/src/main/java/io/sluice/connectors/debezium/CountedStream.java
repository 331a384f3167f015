package io.sluice.connectors.debezium;

import io.debezium.connector.postgresql.connection.Lsn;
import io.debezium.connector.postgresql.connection.ReplicationMessage;
import io.debezium.connector.postgresql.connection.ReplicationStream;
import java.sql.SQLException;
import java.util.concurrent.ExecutorService;

/**
 * Debezium's replication stream, with the row changes of each transaction counted before anything
 * behind it can lose one, and with table names quoted so that Debezium reads them back unchanged.
 * Read by one thread.
 */
final class CountedStream implements ReplicationStream {

    private final ReplicationStream stream;
    private final CommitCounts commits;
    private final QuotedNames names = new QuotedNames();
    private long changes;

    CountedStream(ReplicationStream stream, CommitCounts commits) {
        this.stream = stream;
        this.commits = commits;
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
            case BEGIN -> changes = 0;
            case INSERT, UPDATE, DELETE, TRUNCATE, NOOP -> changes++;
            case COMMIT -> {
                long commit = stream.lastReceivedLsn().asLong();
                commits.add(new io.sluice.change.Lsn(commit), changes);
            }
            case MESSAGE, ORIGIN -> {}
        }
        processor.process(names.repaired(message));
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
        stream.close();
    }
}
