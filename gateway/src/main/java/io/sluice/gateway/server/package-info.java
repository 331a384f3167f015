/**
 * What the gateway shows of itself: health, metrics and the API, over HTTP. Reads the pipelines'
 * status and changes nothing.
 */
@NullMarked
package io.sluice.gateway.server;

import org.jspecify.annotations.NullMarked;
