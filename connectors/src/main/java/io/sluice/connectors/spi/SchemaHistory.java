package io.sluice.connectors.spi;

import java.util.List;

/**
 * What a source's reader has to remember of table definitions, for logs that do not carry them. It
 * lies in the target, per pipeline. Each call has a connection of its own and is durable when it
 * returns; throws {@link ConnectorException}.
 */
public interface SchemaHistory {

    /** All records, in the order in which they were added. */
    List<String> records();

    void add(String record);

    /** Forgets all records and begins with these. */
    void replace(List<String> records);
}
