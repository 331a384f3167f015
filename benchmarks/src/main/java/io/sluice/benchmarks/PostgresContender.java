package io.sluice.benchmarks;

import io.sluice.testkit.DatabaseServer;
import java.sql.SQLException;

/** PostgreSQL's own logical replication. */
final class PostgresContender implements Contender {

    private final Sites sites;
    private boolean subscribed;

    PostgresContender(Sites sites) {
        this.sites = sites;
    }

    @Override
    public String name() {
        return "PostgreSQL logical replication";
    }

    @Override
    public void start() throws SQLException {
        if (subscribed) {
            sites.execute(sites.target(), "ALTER SUBSCRIPTION peer ENABLE");
            return;
        }
        DatabaseServer source = sites.source();
        sites.execute(source, "CREATE PUBLICATION peer FOR ALL TABLES");
        // The subscription copies into tables that stand.
        sites.execute(sites.target(), BenchmarkEngine.POSTGRES.big(), Sites.BEAT);
        sites.execute(
                sites.target(),
                "CREATE SUBSCRIPTION peer CONNECTION 'host=%s port=%d dbname=%s user=%s password=%s'"
                                .formatted(
                                        source.host(),
                                        source.port(),
                                        sites.database(),
                                        source.superuser(),
                                        source.password())
                        + " PUBLICATION peer WITH (streaming = parallel)");
        subscribed = true;
    }

    /** It copies a table in one transaction. */
    @Override
    public boolean hasCopied() throws SQLException {
        return sites.holdsOnTarget("SELECT EXISTS (SELECT 1 FROM big)");
    }

    @Override
    public void stop() throws SQLException {
        if (subscribed) {
            sites.execute(sites.target(), "ALTER SUBSCRIPTION peer DISABLE");
        }
    }
}
