/**
 * A pipeline from start to stop: one source, one target, one direction.
 *
 * <p>{@link io.sluice.gateway.pipeline.Pipeline} is what the rest of the gateway sees: it starts,
 * stops, and says how it is. Its {@link io.sluice.gateway.pipeline.PipelineLoop} owns the thread
 * that does the work: it claims the checkpoint, joins or resumes the source's log, copies where
 * that is due, and applies. Whatever fails takes the whole attempt down; what may be tried again is
 * tried from the checkpoint, with everything fresh, after a pause that grows. There is no other way
 * to recover, so there is none that is rarely used. A {@link io.sluice.gateway.pipeline.ProbeLoop}
 * measures the source over a connection of its own and sends the heartbeats that prove the way.
 */
@NullMarked
package io.sluice.gateway.pipeline;

import org.jspecify.annotations.NullMarked;
