/**
 * PostgreSQL behind {@link io.sluice.connectors.spi}. Every SQL statement about PostgreSQL stands
 * here.
 *
 * <p>Three things hold everywhere. Sessions run with {@code search_path = pg_catalog} and fixed
 * output settings, so that the catalog's texts come out qualified, that no function of a user's
 * schema is picked up, and that values read on one side mean the same on the other. Identifiers are
 * quoted by {@link io.sluice.connectors.postgres.Sql} and values are parameters. Errors pass
 * through {@link io.sluice.connectors.postgres.PostgresErrors}, which classifies them by SQLSTATE
 * and keeps row values out of messages.
 */
@NullMarked
package io.sluice.connectors.postgres;

import org.jspecify.annotations.NullMarked;
