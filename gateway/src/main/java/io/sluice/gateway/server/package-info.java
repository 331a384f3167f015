/**
 * What the gateway shows of itself, over HTTP: health, metrics, the API and the dashboard; and
 * where operators say what pipelines are to do.
 *
 * <p>{@link io.sluice.gateway.server.Api} lists every route; {@link
 * io.sluice.gateway.server.OpenApi} describes them from that list. {@link
 * io.sluice.gateway.server.Guard} stands before all of them.
 */
@NullMarked
package io.sluice.gateway.server;

import org.jspecify.annotations.NullMarked;
