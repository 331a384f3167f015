package io.sluice.connectors.debezium;

import io.debezium.config.Configuration;
import io.debezium.connector.mysql.MySqlConnector;
import java.util.Map;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.connector.Task;

/** Debezium's connector for MySQL with {@link MySqlCaptureTask}. Instantiated by name. */
public final class MySqlCaptureConnector extends MySqlConnector {

    @Override
    public Class<? extends Task> taskClass() {
        return MySqlCaptureTask.class;
    }

    /**
     * No trial connection: it would turn a server that is away for a moment into an error of
     * configuration, its cause lost.
     */
    @Override
    protected void validateConnection(
            Map<String, ConfigValue> configValues, Configuration config) {}
}
