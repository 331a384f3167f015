package io.sluice.connectors.mysql;

import io.sluice.connectors.spi.Connector;
import io.sluice.connectors.spi.DataType;
import io.sluice.connectors.spi.DatabaseAddress;
import io.sluice.connectors.spi.Engine;
import io.sluice.connectors.spi.SiteReading;
import io.sluice.connectors.spi.SourceDatabase;
import io.sluice.connectors.spi.TargetDatabase;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** MySQL 8.0 and newer, as a source and as a target. Thread-safe and without state. */
public final class MySqlConnector implements Connector {

    @Override
    public boolean accepts(String url) {
        return url.startsWith("jdbc:mysql:");
    }

    @Override
    public Engine engine() {
        return Engine.MYSQL;
    }

    @Override
    public List<String> types() {
        return MySqlDataTypes.BUILT_IN;
    }

    @Override
    public DataType typeOf(String nativeType) {
        return MySqlDataTypes.of(nativeType);
    }

    @Override
    public String nativeType(DataType type) {
        return MySqlForms.nativeType(type);
    }

    @Override
    public @Nullable String loss(DataType type) {
        return MySqlForms.loss(type);
    }

    @Override
    public SourceDatabase source(DatabaseAddress address) {
        return new MySqlSource(address);
    }

    @Override
    public TargetDatabase target(DatabaseAddress address) {
        return new MySqlTarget(address);
    }

    @Override
    public SourceDatabase siteSource(DatabaseAddress address, SiteReading reading) {
        return new MySqlSource(address, reading);
    }

    @Override
    public TargetDatabase siteTarget(DatabaseAddress address) {
        return MySqlTarget.ofSite(address);
    }
}
