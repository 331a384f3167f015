package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.keybased.SweepCounts;
import io.sluice.gateway.pipeline.PipelineStatus;
import io.sluice.gateway.rpo.Exposure.Basis;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Tables read by a cursor, by a role that may do nothing but SELECT on the source. */
class KeyBasedTest {

    private static final Duration PATIENCE = Duration.ofSeconds(180);

    private static final List<String> TABLES = List.of("public.item", "public.place");

    /** Rows that take longer to write than any sweep is away. */
    private static final int MANY = 20_000;

    private static final String COUNT = "SELECT count(*) FROM item";

    @TestFactory
    Stream<DynamicTest> rowsUpdatesAndDeletesArrive() {
        return EveryPair.atOnce(KeyBasedTest::rowsUpdatesAndDeletesArrive);
    }

    private static void rowsUpdatesAndDeletesArrive(Pair pair) throws Exception {
        try (TwoSites sites =
                pair.shared()
                        .mode("key-based")
                        .tables("[\"*.item\", \"*.place\"]")
                        .with("cursor: {\"*.item\": n, \"*.place\": changed}")
                        .with("apply: {maxRows: 10}")
                        .with("interval: 200ms")
                        .with("overlap: 100ms")
                        .with("deletes: {sweep: 300ms}")) {
            String time = pair.fromMySql ? "datetime(6)" : "timestamptz";
            String bytes = pair.fromMySql ? "varbinary(20)" : "bytea";
            sites.onSource(
                    "CREATE TABLE item (id int PRIMARY KEY, n bigint NOT NULL, v varchar(40), d"
                            + " decimal(12,2), b "
                            + bytes
                            + ", f boolean)",
                    "CREATE INDEX item_n ON item (n)",
                    "CREATE TABLE place (x varchar(9), y int, changed %s NOT NULL, w text, PRIMARY KEY (y, x))"
                            .formatted(time),
                    "CREATE INDEX place_changed ON place (changed)",
                    // Ties: more rows of one value than a page has.
                    "INSERT INTO item SELECT g, 1, 'first', 1.50, NULL, true FROM "
                            + pair.numbers(35),
                    "INSERT INTO place SELECT 'k', g, '2024-02-29 12:00:00.5', 'w' FROM "
                            + pair.numbers(25));
            mayOnlySelect(sites, pair);
            try (Gateway gateway = new Gateway(sites.config())) {
                TwoSites.await(PATIENCE, gateway::isCaughtUp);
                sites.awaitEqual(PATIENCE, TABLES);

                sites.onSource(
                        "INSERT INTO item VALUES (0, 1, 'a tie that comes later', -2.25, NULL, true)",
                        "UPDATE item SET n = 2, v = NULL WHERE id IN (3, 30)",
                        "UPDATE item SET n = 2, f = false WHERE id = 4",
                        "INSERT INTO item VALUES (1000, 3, 'new', 0, NULL, false)",
                        "UPDATE place SET changed = CURRENT_TIMESTAMP, w = 'moved' WHERE y = 7",
                        "DELETE FROM item WHERE id BETWEEN 10 AND 20",
                        "DELETE FROM place WHERE y = 1");
                sites.onTarget(
                        "UPDATE item SET v = 'silently other' WHERE id = 5",
                        "DELETE FROM item WHERE id = 6",
                        "INSERT INTO item VALUES (777, 1, 'of nobody', 1, NULL, NULL)");
                sites.awaitEqual(PATIENCE, TABLES);

                requireQuietSweeps(gateway);
                PipelineStatus status = Watching.status(gateway);
                assertThat(status.failure()).isNull();
                assertThat(status.sourceReachable()).isTrue();
                assertThat(status.exposure().basis()).isEqualTo(Basis.MEASURED);
                assertThat(status.sweeps().deleted()).isEqualTo(13);
            }
            // Nothing is read twice: the cursors lie on the target.
            sites.onSource("INSERT INTO item VALUES (1001, 4, 'after', 0, NULL, true)");
            try (Gateway gateway = new Gateway(sites.config())) {
                TwoSites.await(PATIENCE, gateway::isCaughtUp);
                sites.awaitEqual(PATIENCE, TABLES);
                assertThat(Watching.status(gateway).appliedChanges()).isEqualTo(1);
                assertThat(TablesTest.table(gateway, "item").get("inserts").asInt()).isEqualTo(1);
            }
        }
    }

    /** Where all is equal, the sums are: also between engines, which print values otherwise. */
    private static void requireQuietSweeps(Gateway gateway) {
        SweepCounts before = Watching.status(gateway).sweeps();
        TwoSites.await(
                PATIENCE, () -> Watching.status(gateway).sweeps().ranges() >= before.ranges() + 4);
        SweepCounts middle = Watching.status(gateway).sweeps();
        TwoSites.await(
                PATIENCE, () -> Watching.status(gateway).sweeps().ranges() >= middle.ranges() + 4);
        assertThat(Watching.status(gateway).sweeps().differing()).isEqualTo(middle.differing());
    }

    /** PostgreSQL says who is still at work; on MySQL the overlap has to wait for them. */
    @TestFactory
    Stream<DynamicTest> whoTookANumberFirstAndCommitsLastIsNotSkipped() {
        return EveryPair.atOnce(
                pair -> lateCommits(pair, pair.fromMySql ? "overlap: 10m" : "overlap: 1ms"));
    }

    private static void lateCommits(Pair pair, String overlap) throws Exception {
        try (TwoSites sites =
                        pair.shared()
                                .mode("key-based")
                                .tables("[\"*.item\"]")
                                .with("cursor: id")
                                .with("interval: 100ms")
                                .with("deletes: ignore")
                                .with(overlap);
                Connection late = sites.source();
                Connection reserving = sites.source();
                Statement lateStatement = late.createStatement();
                Statement reservingStatement = reserving.createStatement()) {
            sites.onSource(
                    "CREATE TABLE item (id %s PRIMARY KEY, v varchar(40))"
                            .formatted(pair.fromMySql ? "int AUTO_INCREMENT" : "serial"));
            mayOnlySelect(sites, pair);
            try (Gateway gateway = new Gateway(sites.config())) {
                TwoSites.await(PATIENCE, gateway::isCaughtUp);
                late.setAutoCommit(false);
                reserving.setAutoCommit(false);
                lateStatement.execute("INSERT INTO item (v) VALUES ('late')");
                if (!pair.fromMySql) {
                    // It has its number, and has not written yet.
                    reservingStatement.execute("SELECT nextval('item_id_seq')");
                }
                for (int i = 0; i < 6; i++) {
                    sites.onSource("INSERT INTO item (v) VALUES ('in time')");
                    sites.awaitOnTarget(COUNT, Integer.toString(i + 1));
                }
                late.commit();
                sites.awaitOnTarget("SELECT count(*) FROM item WHERE v = 'late'", "1");
                if (!pair.fromMySql) {
                    sites.onSource("INSERT INTO item (v) VALUES ('in time')");
                    sites.awaitOnTarget(COUNT, "8");
                    reservingStatement.execute("INSERT INTO item VALUES (2, 'reserved')");
                    reserving.commit();
                    sites.awaitOnTarget("SELECT v FROM item WHERE id = 2", "reserved");
                }
                sites.awaitEqual(PATIENCE, List.of("public.item"));
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> aRowThatComesWhileTheSweepLooksIsNeverDeleted() {
        return EveryPair.atOnce(KeyBasedTest::rowsComeWhileTheSweepLooks);
    }

    private static void rowsComeWhileTheSweepLooks(Pair pair) throws Exception {
        try (TwoSites sites =
                pair.shared()
                        .mode("key-based")
                        .tables("[\"*.item\"]")
                        .with("cursor: id")
                        .with("interval: 20ms")
                        .with("overlap: 1ms")
                        .with("deletes: {sweep: 1ms}")) {
            sites.onSource("CREATE TABLE item (id int PRIMARY KEY, v varchar(40))");
            mayOnlySelect(sites, pair);
            try (Gateway gateway = new Gateway(sites.config())) {
                TwoSites.await(PATIENCE, gateway::isCaughtUp);
                // Each range differs all the time, because of rows that are on their way.
                try (Connection connection = sites.source();
                        Statement statement = connection.createStatement()) {
                    for (int i = 1; i <= 400 || isYetToLook(gateway) && i < MANY; i++) {
                        statement.execute(
                                "INSERT INTO item VALUES (%d, 'on its way')".formatted(i));
                    }
                }
                long ranges = Watching.status(gateway).sweeps().ranges();
                TwoSites.await(
                        PATIENCE, () -> Watching.status(gateway).sweeps().ranges() > ranges + 2);
                sites.awaitEqual(PATIENCE, List.of("public.item"));
                SweepCounts counts = Watching.status(gateway).sweeps();
                assertThat(counts.differing()).as("the sweep has looked into ranges").isPositive();
                assertThat(counts.deleted()).isZero();
            }
        }
    }

    private static boolean isYetToLook(Gateway gateway) {
        return Watching.status(gateway).sweeps().differing() == 0;
    }

    @TestFactory
    Stream<DynamicTest> rowsThatStandInTheWayGiveWayAndRowsOfOthersAreLeftAlone() {
        return EveryPair.atOnce(this::rowsStandInTheWay);
    }

    private void rowsStandInTheWay(Pair pair) throws Exception {
        try (TwoSites sites =
                pair.shared()
                        .mode("key-based")
                        .tables("[\"*.item\"]")
                        .with("cursor: n")
                        .with("interval: 100ms")
                        .with("overlap: 1ms")
                        .with("deletes: ignore")) {
            String table =
                    "CREATE TABLE item (id int PRIMARY KEY, n int NOT NULL, v varchar(40),"
                            + " CONSTRAINT item_v UNIQUE (v))";
            sites.onSource(table, "INSERT INTO item VALUES (1, 1, 'a'), (2, 2, 'b')");
            sites.onTarget(table, "INSERT INTO item VALUES (9, 1, 'mine')");
            mayOnlySelect(sites, pair);
            try (Gateway gateway = new Gateway(sites.config())) {
                assertThat(Watching.awaitFailed(gateway).message()).contains("no cursor");
            }
            Recopying.order(sites);
            try (Gateway gateway = new Gateway(sites.config())) {
                TwoSites.await(PATIENCE, gateway::isCaughtUp);
                sites.onSource(
                        "DELETE FROM item WHERE id = 1",
                        "UPDATE item SET v = 'a', n = 3 WHERE id = 2",
                        "INSERT INTO item VALUES (3, 4, 'b')");
                sites.awaitEqual(PATIENCE, List.of("public.item"));
                assertThat(Watching.status(gateway).failure()).isNull();
                // To the target they are the same, and it would have one or the other.
                sites.onSource(
                        "ALTER TABLE item DROP CONSTRAINT item_v",
                        "INSERT INTO item VALUES (4, 5, 'b')");
                assertThat(Watching.awaitFailed(gateway).message())
                        .contains("two rows whose values of v");
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> longRowsComeInManyPagesAndATableThatWasEmptiedIsFilledAnew() {
        return EveryPair.atOnce(KeyBasedTest::longRowsComeAndATableIsEmptied);
    }

    private static void longRowsComeAndATableIsEmptied(Pair pair) throws Exception {
        try (TwoSites sites =
                pair.shared()
                        .mode("key-based")
                        .tables("[\"*.item\"]")
                        .with("cursor: id")
                        .with("apply: {maxBytes: 64KiB}")
                        .with("interval: 100ms")
                        .with("overlap: 1ms")
                        .with("deletes: ignore")) {
            sites.onSource(
                    "CREATE TABLE item (id int PRIMARY KEY, v %s)"
                            .formatted(pair.fromMySql ? "longtext" : "text"),
                    "INSERT INTO item SELECT g, repeat('x', 5000) FROM " + pair.numbers(300),
                    "INSERT INTO item SELECT 300 + g, repeat('x', 100000) FROM " + pair.numbers(5));
            mayOnlySelect(sites, pair);
            try (Gateway gateway = new Gateway(sites.config())) {
                TwoSites.await(PATIENCE, gateway::isCaughtUp);
                sites.awaitEqual(PATIENCE, List.of("public.item"));
                assertThat(Watching.status(gateway).appliedChanges()).isEqualTo(305);
            }
            sites.onTarget("TRUNCATE item");
            try (Gateway gateway = new Gateway(sites.config())) {
                sites.awaitEqual(PATIENCE, List.of("public.item"));
                assertThat(Watching.status(gateway).failure()).isNull();
            }
            sites.onTarget("UPDATE sluice.cursor SET pipeline = 'another'");
            try (Gateway gateway = new Gateway(sites.config())) {
                assertThat(Watching.awaitFailed(gateway).message())
                        .contains("is filled by the pipeline another");
            }
        }
    }

    /** The values of a new column come without any row's cursor having moved. */
    @TestFactory
    Stream<DynamicTest> aNewColumnIsNoticedByTheSweepAndFilledByIt() {
        return EveryPair.atOnce(KeyBasedTest::aNewColumnIsFilled);
    }

    private static void aNewColumnIsFilled(Pair pair) throws Exception {
        try (TwoSites sites =
                pair.shared()
                        .mode("key-based")
                        .tables("[\"*.item\"]")
                        .with("cursor: n")
                        .with("interval: 100ms")
                        .with("overlap: 100ms")
                        .with("deletes: {sweep: 300ms}")) {
            sites.onSource(
                    "CREATE TABLE item (id int PRIMARY KEY, n bigint NOT NULL)",
                    "INSERT INTO item SELECT g, g FROM " + pair.numbers(50));
            mayOnlySelect(sites, pair);
            try (Gateway gateway = new Gateway(sites.config())) {
                TwoSites.await(PATIENCE, gateway::isCaughtUp);
                sites.awaitOnTarget(COUNT, "50");
                // Else these rows are polled again by the next one, and no sweep has to fill them.
                sites.awaitOnTarget(
                        "SELECT count(*) FROM sluice.`cursor` WHERE position LIKE '%50%'"
                                .replace("`", pair.toMySql ? "`" : "\""),
                        "1");
                sites.onSource("ALTER TABLE item ADD COLUMN extra int DEFAULT 7");
                assertThat(Watching.awaitFailed(gateway).message()).contains("item", "extra");
            }
            sites.onTarget("ALTER TABLE item ADD COLUMN extra int");
            try (Gateway gateway = new Gateway(sites.config())) {
                sites.awaitOnTarget("SELECT count(*) FROM item WHERE extra = 7", "50");
                sites.awaitEqual(PATIENCE, List.of("public.item"));
                TwoSites.await(PATIENCE, () -> Watching.status(gateway).sweeps().written() > 0);
                assertThat(Watching.status(gateway).failure()).isNull();
            }
        }
    }

    /** The gateway reads with this right and with no other. */
    static void mayOnlySelect(TwoSites sites, Pair pair) {
        String user = "reader_" + sites.sourceDatabase;
        if (pair.fromMySql) {
            sites.onSource(
                    "DROP USER IF EXISTS " + user,
                    "CREATE USER " + user + " IDENTIFIED BY 'reads'",
                    "GRANT SELECT ON %s.* TO %s".formatted(sites.sourceDatabase, user));
        } else {
            sites.onSource(
                    "RESET ROLE",
                    "DROP ROLE IF EXISTS " + user,
                    "CREATE ROLE " + user + " LOGIN PASSWORD 'reads'",
                    "GRANT USAGE ON SCHEMA public TO " + user,
                    "GRANT SELECT ON ALL TABLES IN SCHEMA public TO " + user);
        }
        sites.login("source", user, "reads");
    }
}
