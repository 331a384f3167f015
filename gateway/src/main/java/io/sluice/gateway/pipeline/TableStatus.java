package io.sluice.gateway.pipeline;

import io.sluice.change.TableId;
import io.sluice.gateway.snapshot.TableProgress;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How one table of a pipeline is, at one moment.
 *
 * @param table on the target
 * @param source the same on the source
 * @param copy how its copy is getting on; null where there is none to tell of
 * @param inserts applied since the gateway's start, as {@code updates}, {@code deletes} and {@code
 *     truncates}
 * @param lastChange when the last of them became durable, by the gateway's clock; null for none
 */
public record TableStatus(
        TableId table,
        TableId source,
        @Nullable TableProgress copy,
        long inserts,
        long updates,
        long deletes,
        long truncates,
        @Nullable Instant lastChange) {

    public long changes() {
        return inserts + updates + deletes + truncates;
    }
}
