package io.sluice.connectors.debezium;

import com.github.shyiko.mysql.binlog.BinaryLogClient;
import com.github.shyiko.mysql.binlog.event.Event;
import io.debezium.connector.base.ChangeEventQueue;
import io.debezium.connector.binlog.jdbc.BinlogConnectorConnection;
import io.debezium.connector.mysql.MySqlConnectorConfig;
import io.debezium.connector.mysql.MySqlOffsetContext;
import io.debezium.connector.mysql.MySqlPartition;
import io.debezium.connector.mysql.MySqlStreamingChangeEventSource;
import io.debezium.connector.mysql.MySqlStreamingChangeEventSourceMetrics;
import io.debezium.connector.mysql.MySqlTaskContext;
import io.debezium.pipeline.DataChangeEvent;
import io.debezium.pipeline.ErrorHandler;
import io.debezium.pipeline.EventDispatcher;
import io.debezium.relational.TableId;
import io.debezium.snapshot.SnapshotterService;
import io.debezium.util.Clock;
import java.io.EOFException;
import org.jspecify.annotations.Nullable;

/**
 * Debezium's stream of a binary log, which here hands each event to a {@link BinlogReader} and puts
 * its pieces into Debezium's queue. All of that happens on the client's thread.
 *
 * <p>The first thing that goes wrong ends it: no event is read after that.
 */
final class BinlogStream extends MySqlStreamingChangeEventSource {

    private final MySqlCaptureSession session;
    private final MySqlDefinitions schema;
    private final ErrorHandler errors;
    private final ChangeEventQueue<DataChangeEvent> queue;
    private volatile @Nullable ChangeEventSourceContext running;
    private volatile boolean dead;
    private @Nullable BinlogReader reader;

    /** What Debezium made for the streaming of one task. */
    record Parts(
            MySqlConnectorConfig config,
            BinlogConnectorConnection connection,
            EventDispatcher<MySqlPartition, TableId> dispatcher,
            ErrorHandler errors,
            MySqlTaskContext context,
            MySqlDefinitions schema,
            MySqlStreamingChangeEventSourceMetrics metrics,
            SnapshotterService snapshotters,
            BinaryLogClient client) {}

    BinlogStream(
            MySqlCaptureSession session, Parts parts, ChangeEventQueue<DataChangeEvent> queue) {
        super(
                parts.config(),
                parts.connection(),
                parts.dispatcher(),
                parts.errors(),
                Clock.system(),
                parts.context(),
                parts.schema(),
                parts.metrics(),
                parts.snapshotters(),
                parts.client());
        this.session = session;
        this.schema = parts.schema();
        this.errors = parts.errors();
        this.queue = queue;
        parts.client().setEventDeserializer(BinlogEvents.ofLog());
        parts.client().registerLifecycleListener(new Ends());
    }

    @Override
    public void execute(
            ChangeEventSourceContext context, MySqlPartition partition, MySqlOffsetContext offset)
            throws InterruptedException {
        running = context;
        super.execute(context, partition, offset);
    }

    @Override
    protected void handleEvent(
            MySqlPartition partition,
            MySqlOffsetContext offset,
            ChangeEventSourceContext context,
            Event event) {
        if (dead || event == null) {
            return;
        }
        session.readBy(Thread.currentThread());
        try {
            reader(partition, offset).read(event);
            // The server has something to say, so that it does not refuse any more.
            session.streaming().complete(null);
        } catch (InterruptedException e) {
            dead = true;
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            die(e);
        }
    }

    private void die(Throwable cause) {
        dead = true;
        errors.setProducerThrowable(cause);
    }

    private BinlogReader reader(MySqlPartition partition, MySqlOffsetContext offset) {
        BinlogReader made = reader;
        if (made == null) {
            BinlogStatements statements =
                    new BinlogStatements(session.settings, schema, partition, offset);
            made =
                    new BinlogReader(
                            session,
                            new BinlogTables(
                                    session.settings, table -> statements.definition(table)),
                            statements,
                            piece -> queue.enqueue(new QueuedPiece(piece)));
            reader = made;
        }
        return made;
    }

    /** Notices the ends of the connection that Debezium's own listener lets pass. */
    private final class Ends extends BinaryLogClient.AbstractLifecycleListener {

        @Override
        public void onEventDeserializationFailure(BinaryLogClient client, Exception cause) {
            die(cause);
        }

        @Override
        public void onDisconnect(BinaryLogClient client) {
            ChangeEventSourceContext context = running;
            if (!dead && context != null && context.isRunning()) {
                die(new EOFException("the server closed the connection"));
            }
        }
    }
}
