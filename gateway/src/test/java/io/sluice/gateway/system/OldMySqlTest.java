package io.sluice.gateway.system;

import io.sluice.gateway.cli.Gateway;
import io.sluice.testkit.Durability;
import io.sluice.testkit.MySqlServer;
import io.sluice.testkit.Servers;
import io.sluice.testkit.Workload;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The oldest MySQL that is tested, 8.0.15, as a source and as a target. */
final class OldMySqlTest {

    private static final Duration A_WHILE = Duration.ofSeconds(180);

    private static MySqlServer old;

    @BeforeAll
    static void startServer() {
        old = Servers.oldMySql(Durability.FAST);
    }

    @AfterAll
    static void closeServer() {
        old.close();
    }

    @Test
    void isASource() throws Exception {
        endsEqual(Pair.MYSQL_TO_POSTGRES, TwoSites.between(old, Servers.sharedPostgres()));
    }

    @Test
    void isATarget() throws Exception {
        endsEqual(
                Pair.POSTGRES_TO_MYSQL,
                TwoSites.between(Servers.sharedPostgres(), old).alsoInto("Odd Schema"));
    }

    private static void endsEqual(Pair pair, TwoSites made) throws Exception {
        try (TwoSites sites = made.with("heartbeat: 200ms").with("exclude: [\"*.every_type\"]");
                Workload load = pair.load(20261121)) {
            load.createSchema(sites.source());
            load.run(sites::source, 200);
            try (Gateway gateway = new Gateway(sites.config())) {
                Watching.awaitStreaming(gateway);
                load.run(sites::source, 200);
                sites.awaitEqual(A_WHILE, pair.tables());
            }
        }
    }
}
