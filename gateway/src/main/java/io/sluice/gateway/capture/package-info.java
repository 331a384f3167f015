/**
 * The hand-over from the thread that reads the source's log to the thread that writes the target:
 * bounded by rows and bytes, so that a slow target holds the source's reader back and nothing
 * grows.
 */
@NullMarked
package io.sluice.gateway.capture;

import org.jspecify.annotations.NullMarked;
