package io.sluice.connectors.debezium;

import io.debezium.connector.mysql.MySqlConnectorConfig;
import io.debezium.connector.mysql.MySqlDatabaseSchema;
import io.debezium.connector.mysql.MySqlOffsetContext;
import io.debezium.connector.mysql.MySqlPartition;
import io.debezium.connector.mysql.MySqlTaskContext;
import io.debezium.connector.mysql.jdbc.MySqlValueConverters;
import io.debezium.relational.CustomConverterRegistry;
import io.debezium.relational.Table;
import io.debezium.relational.TableId;
import io.debezium.schema.SchemaChangeEvent;
import io.debezium.service.spi.ServiceRegistry;
import io.debezium.spi.topic.TopicNamingStrategy;
import java.time.Instant;
import java.util.List;

/**
 * Debezium's model of the tables' definitions, kept by its parser of statements; without the
 * schemas of records, which are not made here. Used by one thread at a time.
 */
final class MySqlDefinitions extends MySqlDatabaseSchema {

    MySqlDefinitions(
            MySqlConnectorConfig settings,
            TopicNamingStrategy<TableId> topics,
            MySqlTaskContext task,
            ServiceRegistry services,
            boolean ignoresCase) {
        super(
                settings,
                converters(settings),
                topics,
                settings.schemaNameAdjuster(),
                ignoresCase,
                services.tryGetService(CustomConverterRegistry.class),
                task);
    }

    private static MySqlValueConverters converters(MySqlConnectorConfig settings) {
        return new MySqlValueConverters(
                settings.getDecimalMode(),
                settings.getTemporalPrecisionMode(),
                settings.getBigIntUnsignedHandlingMode().asBigIntUnsignedMode(),
                settings.binaryHandlingMode(),
                moment -> moment,
                settings.getEventConvertingFailureHandlingMode(),
                settings.getServiceRegistry());
    }

    /** Takes a statement of the log in; what it changed. */
    List<SchemaChangeEvent> apply(
            MySqlPartition partition, MySqlOffsetContext offset, String sql, String database) {
        return PlainStatement.read(
                sql, text -> parseStreamingDdl(partition, text, database, offset, Instant.EPOCH));
    }

    /** The names that a statement of the log is about to give to columns. */
    RenamedColumns renamed(String sql, String database) {
        return RenamedColumns.of(sql, database, tables());
    }

    @Override
    protected void buildAndRegisterSchema(Table table) {}
}
