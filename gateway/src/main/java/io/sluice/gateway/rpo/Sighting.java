package io.sluice.gateway.rpo;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What one look at a pipeline found.
 *
 * @param age the RPO; null where it is unknown
 * @param isExempt whether no objective applies
 * @param cause why the RPO is what it is; without row values
 * @param causeIsVague whether a later look may know better
 */
public record Sighting(
        Instant at,
        @Nullable Duration age,
        Duration objective,
        boolean isExempt,
        String cause,
        boolean causeIsVague) {}
