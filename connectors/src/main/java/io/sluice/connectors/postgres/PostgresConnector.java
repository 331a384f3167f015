package io.sluice.connectors.postgres;

import io.sluice.connectors.spi.Connector;
import io.sluice.connectors.spi.DataType;
import io.sluice.connectors.spi.DatabaseAddress;
import io.sluice.connectors.spi.Engine;
import io.sluice.connectors.spi.SiteReading;
import io.sluice.connectors.spi.SourceDatabase;
import io.sluice.connectors.spi.TargetDatabase;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** PostgreSQL 14 and newer, as a source and as a target. Thread-safe and without state. */
public final class PostgresConnector implements Connector {

    @Override
    public boolean accepts(String url) {
        return url.startsWith("jdbc:postgresql:");
    }

    @Override
    public Engine engine() {
        return Engine.POSTGRESQL;
    }

    @Override
    public List<String> types() {
        return PostgresDataTypes.BUILT_IN;
    }

    @Override
    public DataType typeOf(String nativeType) {
        return PostgresDataTypes.of(nativeType, List.of());
    }

    @Override
    public String nativeType(DataType type) {
        return PostgresForms.nativeType(type);
    }

    @Override
    public @Nullable String loss(DataType type) {
        return PostgresForms.loss(type);
    }

    @Override
    public SourceDatabase source(DatabaseAddress address) {
        return new PostgresSource(address);
    }

    @Override
    public TargetDatabase target(DatabaseAddress address) {
        return new PostgresTarget(address);
    }

    @Override
    public SourceDatabase siteSource(DatabaseAddress address, SiteReading reading) {
        return new PostgresSource(address, reading);
    }

    @Override
    public TargetDatabase siteTarget(DatabaseAddress address) {
        return PostgresTarget.ofSite(address);
    }
}
