package io.sluice.gateway.sites;

import io.sluice.conflict.Seen;
import io.sluice.conflict.Version;

/**
 * What a site's log says of a transaction that was made there.
 *
 * @param version of all that it wrote
 * @param seen what the site had of the others, and of itself, when it committed
 */
public record Stamp(Version version, Seen seen) {}
