package io.sluice.connectors.debezium;

import io.debezium.jdbc.JdbcConfiguration;
import io.debezium.jdbc.JdbcConnection;
import java.sql.Connection;
import java.sql.SQLException;

/** Opens Debezium's connections through the {@link MySqlCaptureSession}. Instantiated by name. */
public final class MySqlCaptureConnections implements JdbcConnection.ConnectionFactory {

    @Override
    public Connection connect(JdbcConfiguration config) throws SQLException {
        return EngineSession.of(config.getString(EngineSession.KEY), MySqlCaptureSession.class)
                .connect();
    }
}
