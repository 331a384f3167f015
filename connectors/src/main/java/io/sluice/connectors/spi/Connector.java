package io.sluice.connectors.spi;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A database engine that Sluice reads from and writes to. Thread-safe and without state. */
public interface Connector {

    /** Whether the JDBC URL is of this engine. */
    boolean accepts(String url);

    Engine engine();

    /** Every built-in type that a column may have, as this engine writes it; one of each family. */
    List<String> types();

    /**
     * What a built-in type of this engine can hold.
     *
     * @param nativeType as this engine writes it, for example {@code numeric(12,2)}
     */
    DataType typeOf(String nativeType);

    /** The native type that holds another engine's values here. */
    String nativeType(DataType type);

    /**
     * What is not the same, or does not fit, when {@link #nativeType} holds it; null if all does.
     */
    @Nullable String loss(DataType type);

    /** Opens no connection yet; each is opened when it is first needed. */
    SourceDatabase source(DatabaseAddress address);

    /** Opens no connection yet; each is opened when it is first needed. */
    TargetDatabase target(DatabaseAddress address);

    /**
     * A source that is one of several sites: what the gateway itself wrote there comes without
     * changes. Before its log is read, the gateway's own tables must be there ({@link
     * TargetDatabase#prepare}).
     */
    SourceDatabase siteSource(DatabaseAddress address, SiteReading reading);

    /**
     * A target that is one of several sites: each of its sessions marks what it commits, so that
     * whoever reads that database's log knows it.
     */
    TargetDatabase siteTarget(DatabaseAddress address);
}
