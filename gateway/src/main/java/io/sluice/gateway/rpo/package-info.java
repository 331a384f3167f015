/**
 * How much would be lost if the source were gone now.
 *
 * <p>The RPO of a pipeline is the age of the oldest source commit that is not yet durable on the
 * target. It is computed from the commit times that the source itself writes, never from the moment
 * when the gateway saw a change, and in the source's own clock: the offset between the two clocks
 * is measured and taken out.
 *
 * <p>What the gateway has not read it cannot count. So a heartbeat is committed at the source at
 * every interval; when one is durable on the target, everything before it is too. While heartbeats
 * come through, an idle pipeline's RPO is zero; when they stop, for whatever reason, it is the time
 * since the last one, growing with the clock.
 *
 * <p>Positions, times and clocks are handed in: all of it is tested without a database.
 */
@NullMarked
package io.sluice.gateway.rpo;

import org.jspecify.annotations.NullMarked;
