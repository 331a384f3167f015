/**
 * Which tables a replication takes, what they are called on the target, and which columns stay
 * behind. After this stage everything is in the target's names.
 */
@NullMarked
package io.sluice.gateway.route;

import org.jspecify.annotations.NullMarked;
