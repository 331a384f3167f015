package io.sluice.connectors.debezium;

import com.github.shyiko.mysql.binlog.BinaryLogClient;
import io.debezium.bean.StandardBeanNames;
import io.debezium.config.CommonConnectorConfig;
import io.debezium.config.Configuration;
import io.debezium.config.Field;
import io.debezium.connector.base.ChangeEventQueue;
import io.debezium.connector.binlog.BinlogEventMetadataProvider;
import io.debezium.connector.binlog.BinlogSourceTask;
import io.debezium.connector.binlog.jdbc.BinlogConnectorConnection;
import io.debezium.connector.common.CdcSourceTaskContext;
import io.debezium.connector.common.DebeziumHeaderProducer;
import io.debezium.connector.mysql.MySqlChangeEventSourceFactory;
import io.debezium.connector.mysql.MySqlChangeEventSourceMetricsFactory;
import io.debezium.connector.mysql.MySqlConnector;
import io.debezium.connector.mysql.MySqlConnectorConfig;
import io.debezium.connector.mysql.MySqlErrorHandler;
import io.debezium.connector.mysql.MySqlOffsetContext;
import io.debezium.connector.mysql.MySqlPartition;
import io.debezium.connector.mysql.MySqlStreamingChangeEventSourceMetrics;
import io.debezium.connector.mysql.MySqlTaskContext;
import io.debezium.connector.mysql.jdbc.MySqlConnection;
import io.debezium.connector.mysql.jdbc.MySqlConnectionConfiguration;
import io.debezium.connector.mysql.jdbc.MySqlFieldReaderResolver;
import io.debezium.jdbc.DefaultMainConnectionProvidingConnectionFactory;
import io.debezium.jdbc.MainConnectionProvidingConnectionFactory;
import io.debezium.pipeline.ChangeEventSourceCoordinator;
import io.debezium.pipeline.DataChangeEvent;
import io.debezium.pipeline.ErrorHandler;
import io.debezium.pipeline.EventDispatcher;
import io.debezium.pipeline.notification.NotificationService;
import io.debezium.pipeline.source.spi.StreamingChangeEventSource;
import io.debezium.pipeline.spi.Offsets;
import io.debezium.relational.TableId;
import io.debezium.schema.SchemaFactory;
import io.debezium.service.spi.ServiceRegistry;
import io.debezium.snapshot.SnapshotterService;
import io.debezium.spi.topic.TopicNamingStrategy;
import io.debezium.util.Clock;
import io.sluice.connectors.spi.LogGapException;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * Debezium's task for MySQL with this package's way of reading the log, see the package
 * description: it puts Debezium's own parts together around a {@link BinlogStream}. Instantiated by
 * name; used by the engine's threads as Debezium does.
 */
public final class MySqlCaptureTask extends BinlogSourceTask<MySqlPartition, MySqlOffsetContext> {

    private static final String NAME = "mysql";

    private @Nullable MySqlCaptureSession session;
    private @Nullable MySqlConnectorConfig settings;
    private @Nullable MySqlTaskContext task;
    private volatile @Nullable ChangeEventQueue<DataChangeEvent> queue;
    private volatile @Nullable ErrorHandler errors;
    private volatile @Nullable BinlogConnectorConnection connection;
    private volatile @Nullable MySqlDefinitions definitions;

    @Override
    public CdcSourceTaskContext<? extends CommonConnectorConfig> preStart(Configuration config) {
        session = EngineSession.of(config.getString(EngineSession.KEY), MySqlCaptureSession.class);
        MySqlConnectorConfig made = new MySqlConnectorConfig(config);
        settings = made;
        MySqlTaskContext context = new MySqlTaskContext(config, made);
        task = context;
        return context;
    }

    @Override
    protected ChangeEventSourceCoordinator<MySqlPartition, MySqlOffsetContext> start(
            Configuration config) {
        try {
            return stream(config);
        } catch (RetriableException e) {
            // Debezium would take it as leave to try again by itself, for ever and unseen.
            throw new ConnectException(e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ConnectException("interrupted", e);
        }
    }

    private ChangeEventSourceCoordinator<MySqlPartition, MySqlOffsetContext> stream(
            Configuration config) throws InterruptedException {
        MySqlConnectorConfig settings = required(this.settings);
        MySqlTaskContext task = required(this.task);
        MainConnectionProvidingConnectionFactory<BinlogConnectorConnection> connections =
                new DefaultMainConnectionProvidingConnectionFactory<>(
                        () ->
                                new MySqlConnection(
                                        new MySqlConnectionConfiguration(config),
                                        MySqlFieldReaderResolver.resolve(settings)));
        BinlogConnectorConnection connection = connections.mainConnection();
        this.connection = connection;
        requireGtids(connection);
        Offsets<MySqlPartition, MySqlOffsetContext> offsets =
                getPreviousOffsets(
                        new MySqlPartition.Provider(settings, config),
                        new MySqlOffsetContext.Loader(settings));
        ServiceRegistry services = settings.getServiceRegistry();
        registerServiceProviders(services);
        TopicNamingStrategy<TableId> topics =
                settings.getTopicNamingStrategy(CommonConnectorConfig.TOPIC_NAMING_STRATEGY);
        MySqlDefinitions definitions =
                new MySqlDefinitions(
                        settings, topics, task, services, connection.isTableIdCaseSensitive());
        this.definitions = definitions;
        beans(settings, config, definitions, connection, offsets, task);
        SnapshotterService snapshotters = services.tryGetService(SnapshotterService.class);
        validateBinlogConfiguration(snapshotters.getSnapshotter(), connection);
        definitions.recover(offsets);

        ChangeEventQueue<DataChangeEvent> queue = queue(settings, task);
        ErrorHandler errors = new MySqlErrorHandler(settings, queue, null);
        this.queue = queue;
        this.errors = errors;
        BinlogEventMetadataProvider metadata = new BinlogEventMetadataProvider();
        EventDispatcher<MySqlPartition, TableId> dispatcher =
                new EventDispatcher<>(
                        settings,
                        topics,
                        definitions,
                        queue,
                        settings.getTableFilters().dataCollectionFilter(),
                        DataChangeEvent::new,
                        metadata,
                        settings.schemaNameAdjuster(),
                        services.tryGetService(DebeziumHeaderProducer.class));
        BinaryLogClient client = new BinlogClient(required(session));
        MySqlStreamingChangeEventSourceMetrics metrics =
                new MySqlStreamingChangeEventSourceMetrics(
                        task, queue, metadata, definitions::dataCollectionIds, client);
        BinlogStream.Parts parts =
                new BinlogStream.Parts(
                        settings,
                        connection,
                        dispatcher,
                        errors,
                        task,
                        definitions,
                        metrics,
                        snapshotters,
                        client);
        ChangeEventSourceCoordinator<MySqlPartition, MySqlOffsetContext> coordinator =
                new ChangeEventSourceCoordinator<>(
                        offsets,
                        errors,
                        MySqlConnector.class,
                        settings,
                        new Streams(connections, parts, queue),
                        new MySqlChangeEventSourceMetricsFactory(metrics),
                        dispatcher,
                        definitions,
                        null,
                        new NotificationService<>(
                                getNotificationChannels(),
                                settings,
                                SchemaFactory.get(),
                                dispatcher::enqueueNotification),
                        snapshotters);
        coordinator.start(task, queue, metadata);
        return coordinator;
    }

    private void requireGtids(BinlogConnectorConnection connection) {
        MySqlCaptureSession session = required(this.session);
        if (session.from.gtids() != null && !connection.isGtidModeEnabled()) {
            throw new LogGapException(
                    "%1$s: the log was followed by GTIDs, and the server has gtid_mode off. Set gtid_mode=ON, or copy again: sluice recopy -c FILE '%1$s'"
                            .formatted(session.settings.pipeline()),
                    session.from.text(),
                    "unknown");
        }
    }

    private static void beans(
            MySqlConnectorConfig settings,
            Configuration config,
            MySqlDefinitions definitions,
            BinlogConnectorConnection connection,
            Offsets<MySqlPartition, MySqlOffsetContext> offsets,
            MySqlTaskContext task) {
        settings.getBeanRegistry().add(StandardBeanNames.CONFIGURATION, config);
        settings.getBeanRegistry().add(StandardBeanNames.CONNECTOR_CONFIG, settings);
        settings.getBeanRegistry().add(StandardBeanNames.DATABASE_SCHEMA, definitions);
        settings.getBeanRegistry().add(StandardBeanNames.JDBC_CONNECTION, connection);
        settings.getBeanRegistry().add(StandardBeanNames.OFFSETS, offsets);
        settings.getBeanRegistry().add(StandardBeanNames.CDC_SOURCE_TASK_CONTEXT, task);
    }

    private static ChangeEventQueue<DataChangeEvent> queue(
            MySqlConnectorConfig settings, MySqlTaskContext task) {
        return new ChangeEventQueue.Builder<DataChangeEvent>()
                .pollInterval(settings.getPollInterval())
                .maxBatchSize(settings.getMaxBatchSize())
                .maxQueueSize(settings.getMaxQueueSize())
                .maxQueueSizeInBytes(settings.getMaxQueueSizeInBytes())
                .queueProvider(
                        settings.getServiceRegistry()
                                .tryGetService(
                                        io.debezium.connector.base.QueueProviderService.class)
                                .getQueueProvider())
                .loggingContextSupplier(() -> task.configureLoggingContext(NAME))
                .build();
    }

    /** Makes the one stream. */
    private final class Streams extends MySqlChangeEventSourceFactory {

        private final BinlogStream.Parts parts;
        private final ChangeEventQueue<DataChangeEvent> queue;

        Streams(
                MainConnectionProvidingConnectionFactory<BinlogConnectorConnection> connections,
                BinlogStream.Parts parts,
                ChangeEventQueue<DataChangeEvent> queue) {
            super(
                    parts.config(),
                    connections,
                    parts.errors(),
                    parts.dispatcher(),
                    Clock.system(),
                    parts.schema(),
                    parts.context(),
                    parts.metrics(),
                    queue,
                    parts.snapshotters(),
                    parts.client());
            this.parts = parts;
            this.queue = queue;
        }

        @Override
        public StreamingChangeEventSource<MySqlPartition, MySqlOffsetContext>
                getStreamingChangeEventSource() {
            return new BinlogStream(required(session), parts, queue);
        }
    }

    @Override
    protected List<SourceRecord> doPoll() throws InterruptedException {
        return pollRecords(required(queue));
    }

    @Override
    protected void doStop() {
        try {
            BinlogConnectorConnection open = connection;
            if (open != null) {
                open.close();
            }
        } catch (SQLException e) {
            throw new ConnectException("closing a connection", e);
        } finally {
            MySqlDefinitions known = definitions;
            if (known != null) {
                known.close();
            }
        }
    }

    @Override
    protected Optional<ErrorHandler> getErrorHandler() {
        return Optional.ofNullable(errors);
    }

    @Override
    protected Iterable<Field> getAllConfigurationFields() {
        return MySqlConnectorConfig.ALL_FIELDS;
    }

    @Override
    protected String connectorName() {
        return NAME;
    }

    @Override
    public String version() {
        return new MySqlConnector().version();
    }

    private static <T> T required(@Nullable T part) {
        return Objects.requireNonNull(part, "the task was not started");
    }
}
