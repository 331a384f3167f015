package io.sluice.benchmarks;

import io.sluice.testkit.DatabaseServer;
import java.sql.SQLException;

/**
 * MySQL's own replication, by GTIDs and with the replica's usual workers. It brings no copy of its
 * own: what stands is put on both servers before it begins.
 */
final class MySqlContender implements Contender {

    private final Sites sites;
    private boolean replicating;

    MySqlContender(Sites sites) {
        this.sites = sites;
    }

    @Override
    public String name() {
        return "MySQL replication";
    }

    @Override
    public boolean copies() {
        return false;
    }

    @Override
    public boolean hasCopied() {
        return true;
    }

    @Override
    public void start() throws SQLException {
        if (!replicating) {
            DatabaseServer source = sites.source();
            // Nothing of what both have already is to come again.
            sites.execute(source, "RESET BINARY LOGS AND GTIDS");
            sites.execute(
                    sites.target(),
                    "RESET BINARY LOGS AND GTIDS",
                    "CHANGE REPLICATION SOURCE TO SOURCE_HOST = '%s', SOURCE_PORT = %d, SOURCE_USER = '%s', SOURCE_PASSWORD = '%s', SOURCE_AUTO_POSITION = 1, GET_SOURCE_PUBLIC_KEY = 1"
                            .formatted(
                                    source.host(),
                                    source.port(),
                                    source.superuser(),
                                    source.password()));
            replicating = true;
        }
        sites.execute(sites.target(), "START REPLICA");
    }

    @Override
    public void stop() throws SQLException {
        if (replicating) {
            sites.execute(sites.target(), "STOP REPLICA");
        }
    }
}
