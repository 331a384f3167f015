/** Named moments at which tests kill the gateway. */
@NullMarked
package io.sluice.gateway.failpoint;

import org.jspecify.annotations.NullMarked;
