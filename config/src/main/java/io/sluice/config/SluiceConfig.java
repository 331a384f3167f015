package io.sluice.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A whole configuration. Its text shows no secret.
 *
 * @param databases by name, in the order of the file
 * @param replications by name, in the order of the file; each refers to {@code databases} that
 *     exist
 */
public record SluiceConfig(
        GatewayConfig gateway,
        Map<String, DatabaseConfig> databases,
        Map<String, ReplicationConfig> replications) {

    public SluiceConfig {
        Objects.requireNonNull(gateway);
        databases = Collections.unmodifiableMap(new LinkedHashMap<>(databases));
        replications = Collections.unmodifiableMap(new LinkedHashMap<>(replications));
        for (ReplicationConfig replication : replications.values()) {
            if (!databases.containsKey(replication.source())
                    || !databases.containsKey(replication.target())) {
                throw new IllegalArgumentException("a replication refers to a missing database");
            }
        }
    }
}
