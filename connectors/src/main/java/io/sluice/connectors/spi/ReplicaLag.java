package io.sluice.connectors.spi;

import java.time.Duration;

/**
 * How far a source and its replicas are apart.
 *
 * @param replica which one, as the source calls it
 */
public record ReplicaLag(String replica, Duration lag) {}
