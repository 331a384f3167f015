package io.sluice.connectors.spi;

import java.util.Set;

/**
 * How the log of a database is read that is one of several sites, where the gateway writes too.
 *
 * @param appliers the pipelines of the same replication that write to this database: their
 *     transactions come as an end with a mark, without changes
 * @param acceptOrigins names of other replications whose changes count as the database's own; those
 *     of all others are left out. On PostgreSQL the names of replication origins, on MySQL the
 *     servers' UUIDs, or without GTIDs their {@code server_id}; on both the name of a pipeline of
 *     another replication of a gateway
 */
public record SiteReading(Set<String> appliers, Set<String> acceptOrigins) {

    public SiteReading {
        appliers = Set.copyOf(appliers);
        acceptOrigins = Set.copyOf(acceptOrigins);
        if (appliers.isEmpty()) {
            throw new IllegalArgumentException("nobody writes to the site");
        }
    }
}
