package io.sluice.connectors.debezium;

import io.debezium.jdbc.JdbcConfiguration;
import io.debezium.jdbc.JdbcConnection;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;

/** Opens Debezium's connections through the {@link CaptureSession}. Instantiated by name. */
public final class CaptureConnections implements JdbcConnection.ConnectionFactory {

    @Override
    public Connection connect(JdbcConfiguration config) throws SQLException {
        Properties special = new Properties();
        for (String key :
                new String[] {"replication", "preferQueryMode", "assumeMinServerVersion"}) {
            String value = config.getString(key);
            if (value != null) {
                special.setProperty(key, value);
            }
        }
        Connection connection =
                EngineSession.of(config.getString(EngineSession.KEY), CaptureSession.class)
                        .connect(special);
        return special.containsKey("replication") ? connection : UnlistedTables.of(connection);
    }
}
