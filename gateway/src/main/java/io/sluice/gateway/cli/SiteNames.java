package io.sluice.gateway.cli;

import io.sluice.gateway.sites.Joining;

/** What is called how of a replication, for a site that joins. */
record SiteNames(String replication) implements Joining.Names {

    @Override
    public String pipeline(String source, String target) {
        return Wiring.name(replication, source, target);
    }

    @Override
    public String mark(String site) {
        return MeshWiring.clockOf(replication, site);
    }

    @Override
    public String joining(String site) {
        return MeshWiring.joiningOf(replication, site);
    }
}
