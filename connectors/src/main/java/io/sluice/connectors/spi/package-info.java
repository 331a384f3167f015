/**
 * What the engine asks of a database, and nothing about how any database does it.
 *
 * <p>A {@link io.sluice.connectors.spi.SourceDatabase} has a log that is read from a position on; a
 * {@link io.sluice.connectors.spi.TargetDatabase} takes operations and the checkpoint in one
 * transaction. Whatever goes wrong in either is a {@link
 * io.sluice.connectors.spi.ConnectorException} that says whether trying again can help.
 */
@NullMarked
package io.sluice.connectors.spi;

import org.jspecify.annotations.NullMarked;
