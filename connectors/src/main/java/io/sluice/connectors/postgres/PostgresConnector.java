package io.sluice.connectors.postgres;

import io.sluice.connectors.spi.Connector;
import io.sluice.connectors.spi.DatabaseAddress;
import io.sluice.connectors.spi.SourceDatabase;
import io.sluice.connectors.spi.TargetDatabase;

/** PostgreSQL 14 and newer, as a source and as a target. Thread-safe and without state. */
public final class PostgresConnector implements Connector {

    @Override
    public boolean accepts(String url) {
        return url.startsWith("jdbc:postgresql:");
    }

    @Override
    public SourceDatabase source(DatabaseAddress address) {
        return new PostgresSource(address);
    }

    @Override
    public TargetDatabase target(DatabaseAddress address) {
        return new PostgresTarget(address);
    }
}
