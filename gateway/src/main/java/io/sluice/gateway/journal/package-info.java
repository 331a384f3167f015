/**
 * What happened to the pipelines, and why: every change of state, retry, failure, breach of an
 * objective and word of an operator.
 *
 * <p>{@link io.sluice.gateway.journal.Journal} holds the last events of all pipelines in memory,
 * for whoever asks or follows. {@link io.sluice.gateway.journal.EventKeeper} writes a pipeline's
 * own to its target, from a bounded queue and over a connection of its own: replication never waits
 * for it, and what cannot be written in time is lost to the table, not to the log.
 */
@NullMarked
package io.sluice.gateway.journal;

import org.jspecify.annotations.NullMarked;
