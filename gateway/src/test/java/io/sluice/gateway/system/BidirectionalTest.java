package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.testkit.DatabaseServer;
import io.sluice.testkit.Durability;
import io.sluice.testkit.MySqlServer;
import io.sluice.testkit.Servers;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two databases whose users write the same rows at once. */
final class BidirectionalTest {

    /** Replays what is written, though not when: {@code -Dsluice.seed=N}. */
    private static final long SEED = Long.getLong("sluice.seed", System.nanoTime());

    private static final List<String> TABLES = List.of("public.item", "public.place");

    private static final String[] SCHEMA = {
        "CREATE TABLE item (id int PRIMARY KEY, n int, word text, flag boolean, token uuid, at timestamptz, doc jsonb)",
        "CREATE TABLE place (shelf varchar(9), spot int, day date, price numeric(6,2), amount numeric(12,2), PRIMARY KEY (spot, shelf, day, price))",
        "ALTER TABLE item REPLICA IDENTITY FULL",
        "ALTER TABLE place REPLICA IDENTITY FULL"
    };

    private static final String[] MYSQL_SCHEMA = {
        "CREATE TABLE item (id int PRIMARY KEY, n int, word longtext, flag tinyint(1), token char(36), at datetime(6), doc json)",
        "CREATE TABLE place (shelf varchar(9) COLLATE utf8mb4_0900_bin, spot int, day date, price numeric(6,2), amount numeric(12,2), PRIMARY KEY (spot, shelf, day, price))"
    };

    private static final int KEYS = 40;

    private static final Duration PACE = Duration.ofMillis(20);

    /** Beside the one that all tests share, for a server has one log for all its databases. */
    private static @Nullable MySqlServer second;

    @TempDir private Path folder;

    @AfterAll
    static void stop() {
        if (second != null) {
            second.close();
        }
    }

    @Test
    void bothWriteTheSameRowsAndEndEqualAlsoWhenTheGatewayIsKilled() throws InterruptedException {
        killWhileBothWrite(TwoSites.shared(), 2);
    }

    @Test
    void sitesOfTwoEnginesWriteTheSameRowsAndEndEqual() throws InterruptedException {
        killWhileBothWrite(TwoSites.between(Servers.sharedMySql(), Servers.sharedPostgres()), 1);
    }

    @Test
    @Tag("slow")
    void killedManyTimesTheyEndEqualToo() throws InterruptedException {
        killWhileBothWrite(TwoSites.shared(), 4);
    }

    @Test
    @Tag("slow")
    void killedBetweenPostgresAndMySqlTheyEndEqualToo() throws InterruptedException {
        killWhileBothWrite(TwoSites.between(Servers.sharedPostgres(), Servers.sharedMySql()), 2);
    }

    @Test
    @Tag("slow")
    void killedBetweenTwoMySqlServersTheyEndEqualToo() throws InterruptedException {
        MySqlServer other = Servers.mysql(Durability.FAST);
        second = other;
        killWhileBothWrite(TwoSites.between(Servers.sharedMySql(), other), 2);
    }

    /**
     * The deletion that comes waits for the user who deletes the row too, and who has made it again
     * by then: what takes the row's place is not seen by who waited for it.
     */
    @Test
    void aRowThatIsMadeAgainWhileItIsWaitedForIsNotWrittenOver() throws Exception {
        try (TwoSites sites = TwoSites.shared().bothWays().with("heartbeat: 200ms")) {
            sites.onSource(SCHEMA);
            sites.onTarget(SCHEMA);
            sites.onSource("INSERT INTO item (id, n, word) VALUES (1, 0, 'copied')");
            Path config = sites.configFile(folder);
            try (GatewayProcess gateway = GatewayProcess.start("run", "-c", config.toString());
                    Connection user = sites.target();
                    Statement statement = user.createStatement()) {
                sites.awaitOnTarget("SELECT count(*) FROM item", "1");
                awaitBoth(sites, gateway);
                user.setAutoCommit(false);
                statement.execute("DELETE FROM item WHERE id = 1");
                statement.execute("INSERT INTO item (id, n, word) VALUES (1, 2, 'later')");
                sites.onSource("DELETE FROM item WHERE id = 1");
                TwoSites.await(
                        Duration.ofSeconds(60),
                        () ->
                                !"0"
                                        .equals(
                                                sites.queryTarget(
                                                        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")));
                sites.onSource("INSERT INTO item (id, n, word) VALUES (1, 1, 'earlier')");
                user.commit();
                TwoSites.await(
                        Duration.ofSeconds(60),
                        () -> "2".equals(sites.querySource("SELECT n FROM item WHERE id = 1")));
                awaitBoth(sites, gateway);
                sites.awaitEqual(Duration.ofSeconds(180), TABLES);
            }
        }
    }

    private static String[] schema(DatabaseServer server) {
        return server instanceof MySqlServer ? MYSQL_SCHEMA : SCHEMA;
    }

    private void killWhileBothWrite(TwoSites between, int kills) throws InterruptedException {
        try (TwoSites sites = between.bothWays().with("heartbeat: 200ms")) {
            sites.onSource(schema(sites.sourceServer));
            sites.onTarget(schema(sites.targetServer));
            for (int id = 1; id <= 30; id++) {
                sites.onSource(
                        "INSERT INTO item (id, n, word) VALUES (%d, 0, 'copied')".formatted(id));
            }
            Path config = sites.configFile(folder);
            SplittableRandom random = new SplittableRandom(SEED);
            try (SiteWriter east = writer(random, sites.sourceServer, sites::source);
                    SiteWriter west = writer(random, sites.targetServer, sites::target)) {
                for (int round = 0; round < kills; round++) {
                    try (GatewayProcess gateway =
                            GatewayProcess.start("run", "-c", config.toString())) {
                        if (round == 0) {
                            sites.awaitOnTarget("SELECT count(*) FROM item", "30");
                            awaitBoth(sites, gateway);
                            east.start();
                            west.start();
                        }
                        long goal = east.committed() + west.committed() + 200;
                        TwoSites.await(
                                Duration.ofSeconds(120),
                                () -> east.committed() + west.committed() >= goal);
                        awaitBoth(sites, gateway);
                        assertThat(gateway.isAlive()).as(gateway.errors()).isTrue();
                        gateway.kill();
                    }
                }
            }
            try (GatewayProcess gateway = GatewayProcess.start("run", "-c", config.toString())) {
                try {
                    sites.awaitEqual(Duration.ofSeconds(120), TABLES);
                } catch (AssertionError e) {
                    throw new AssertionError(
                            "seed %d: %s%n%s".formatted(SEED, e.getMessage(), gateway.errors()));
                }
                assertThat(gateway.errors()).doesNotContain("FAILED");
            }
            assertThat(conflicts(sites::source)).as("at the first site").isPositive();
            assertThat(conflicts(sites::target)).as("at the second site").isPositive();
        }
    }

    /** What is written from now on reaches the other side. */
    private static void awaitBoth(TwoSites sites, GatewayProcess gateway) {
        String mark = "mark " + System.nanoTime();
        int id = 1_000_000 + mark.hashCode() % 100_000;
        try {
            sites.onSource(
                    "INSERT INTO item (id, n, word) VALUES (%d, 1, '%s')".formatted(id, mark));
            String wanted = "SELECT word FROM item WHERE id = %d";
            TwoSites.await(
                    Duration.ofSeconds(120),
                    () -> mark.equals(sites.queryTarget(wanted.formatted(id))));
            sites.onTarget(
                    "INSERT INTO item (id, n, word) VALUES (%d, 1, '%s')".formatted(-id, mark));
            TwoSites.await(
                    Duration.ofSeconds(120),
                    () -> mark.equals(sites.querySource(wanted.formatted(-id))));
        } catch (RuntimeException e) {
            throw new AssertionError("seed " + SEED + "\n" + gateway.errors(), e);
        }
    }

    private static long conflicts(Supplier<Connection> site) {
        return Long.parseLong(
                String.valueOf(TwoSites.query(site.get(), "SELECT count(*) FROM sluice.conflict")));
    }

    private static SiteWriter writer(
            SplittableRandom random, DatabaseServer server, Supplier<Connection> site) {
        boolean mysql = server instanceof MySqlServer;
        return new SiteWriter(random.split(), PACE, site, each -> change(each, mysql));
    }

    private static String change(SplittableRandom random, boolean mysql) {
        int key = random.nextInt(KEYS);
        int value = random.nextInt(1_000_000);
        return switch (random.nextInt(8)) {
            case 0, 1 ->
                    "INSERT INTO item (id, n, word) VALUES (%d, %d, 'new') %s"
                            .formatted(
                                    key,
                                    value,
                                    mysql
                                            ? "ON DUPLICATE KEY UPDATE id = id"
                                            : "ON CONFLICT (id) DO NOTHING");
            case 2 -> "UPDATE item SET n = %d WHERE id = %d".formatted(value, key);
            case 3 -> // each of a type of its own at either engine
                    "UPDATE item SET flag = %s, token = '00000000-0000-0000-0000-%012d', at = '2024-02-29 23:59:59.%06d%s', doc = '{\"n\": [%d, 0.5, null]}' WHERE id = %d"
                            .formatted(
                                    value % 2 == 0, value, value, mysql ? "" : "+00", value, key);
            case 4 -> "DELETE FROM item WHERE id = %d".formatted(key);
            case 5 ->
                    "INSERT INTO place VALUES ('s%d', %d, '2024-02-%d', %d.5, %d) %s"
                            .formatted(
                                    key % 3,
                                    key,
                                    28 + key % 2,
                                    key % 4,
                                    value,
                                    mysql
                                            ? "ON DUPLICATE KEY UPDATE amount = VALUES(amount)"
                                            : "ON CONFLICT (spot, shelf, day, price) DO UPDATE SET amount = excluded.amount");
            case 6 -> // may meet a row that is there, and fails then
                    "UPDATE place SET price = price + 1, amount = %d WHERE spot = %d AND price = 1.5"
                            .formatted(value, key);
            default -> "DELETE FROM place WHERE spot = %d AND amount > %d".formatted(key, value);
        };
    }
}
