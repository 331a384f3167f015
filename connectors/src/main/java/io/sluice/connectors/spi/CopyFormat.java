package io.sluice.connectors.spi;

/** How the rows of a copy travel from a source to a target. */
public enum CopyFormat {
    /**
     * One message is one row, a line of PostgreSQL's {@code COPY} text format: tab-separated,
     * {@code \\N} for null, newline included. Every pair of engines knows it.
     */
    TEXT,
    /**
     * PostgreSQL's own binary format, passed on byte by byte. For columns whose binary form means
     * the same on both sides.
     */
    POSTGRES_BINARY
}
