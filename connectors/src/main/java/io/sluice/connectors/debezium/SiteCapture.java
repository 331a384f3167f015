package io.sluice.connectors.debezium;

import io.sluice.change.SourcePosition;
import java.util.Objects;
import java.util.Set;

/**
 * How the log of a database is read that is one of several sites.
 *
 * @param appliers the pipelines whose transactions come as an end with a mark
 * @param applierOrigins the replication origins under which those write; PostgreSQL alone has them
 * @param accepted origins, and pipelines of other replications, whose changes count as the
 *     database's own
 * @param servers those whose transactions are the database's own, in lower case; empty where the
 *     log does not tell transactions apart by servers
 * @param prober writes under the mark
 */
public record SiteCapture(
        Set<String> appliers,
        Set<String> applierOrigins,
        Set<String> accepted,
        Set<String> servers,
        Prober prober) {

    /**
     * The prefix of a message of PostgreSQL's log, at the beginning of a transaction that was
     * applied: its content is the pipeline.
     */
    public static final String APPLIED = "sluice applied";

    /** The prefix of one at its end: its content is an {@link io.sluice.change.AppliedMark}. */
    public static final String MARK = "sluice mark";

    /** Writes to the database whose log is read. */
    @FunctionalInterface
    public interface Prober {

        /**
         * Commits a transaction that is marked as a pipeline's of this name would be.
         *
         * @return a position of the log that covers it
         */
        SourcePosition write(String pipeline);
    }

    public SiteCapture {
        appliers = Set.copyOf(appliers);
        applierOrigins = Set.copyOf(applierOrigins);
        accepted = Set.copyOf(accepted);
        servers = Set.copyOf(servers);
        Objects.requireNonNull(prober);
    }
}
