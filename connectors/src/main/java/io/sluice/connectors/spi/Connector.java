package io.sluice.connectors.spi;

/** A database engine that Sluice reads from and writes to. Thread-safe and without state. */
public interface Connector {

    /** Whether the JDBC URL is of this engine. */
    boolean accepts(String url);

    /** Opens no connection yet; each is opened when it is first needed. */
    SourceDatabase source(DatabaseAddress address);

    /** Opens no connection yet; each is opened when it is first needed. */
    TargetDatabase target(DatabaseAddress address);
}
