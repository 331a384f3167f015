package io.sluice.connectors.spi;

/** A connection that builds, one thing at a time. Used by one thread; closed by any. */
public interface BuildSession extends AutoCloseable {

    /**
     * Makes it, however long that takes; nothing happens where it stands. One that stands and is
     * not whole is made whole.
     *
     * @throws ConnectorException if the target refuses it or fails
     */
    void build(Build build);

    /** Ends it, and what it does. */
    @Override
    void close();
}
