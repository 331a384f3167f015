package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.cli.Gateway;
import io.sluice.testkit.Durability;
import io.sluice.testkit.Workload;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A copy that is killed again and again while its tables change: what is done stays done, and the
 * parts of many moments come together to one.
 */
final class CopyKillTest {

    private static final Logger LOG = LoggerFactory.getLogger(CopyKillTest.class);

    private static final long SEED = Long.getLong("sluice.seed", System.nanoTime());

    private static final int ROWS = 12_000;
    private static final int NAMES = 500;

    @TempDir private Path folder;

    @Test
    void aKilledCopyGoesOnWhereItWas() throws Exception {
        kill(Pair.POSTGRES_TO_POSTGRES, 4);
    }

    @ParameterizedTest
    @EnumSource(Pair.class)
    @Tag("slow")
    void twentyKillsInARowDuringTheCopyLoseAndRepeatNothing(Pair pair) throws Exception {
        kill(pair, 20);
    }

    @Test
    void aTableThatIsAlteredBetweenTwoPartsStopsTheCopyWithWhatChanged() throws Exception {
        alter(Pair.POSTGRES_TO_POSTGRES);
    }

    @ParameterizedTest
    @EnumSource(names = {"MYSQL_TO_POSTGRES", "POSTGRES_TO_MYSQL"})
    @Tag("slow")
    void aTableThatIsAlteredOnMySqlBetweenTwoPartsStopsTheCopyToo(Pair pair) throws Exception {
        alter(pair);
    }

    private void alter(Pair pair) throws Exception {
        try (TwoSites sites = pair.shared().with("copy: {workers: 1, chunkSize: 64KiB}")) {
            sites.onSource(
                    "CREATE TABLE item (id bigint PRIMARY KEY, v varchar(200))",
                    "INSERT INTO item SELECT g, repeat('v', 150) FROM " + pair.numbers(5_000),
                    (pair.fromMySql ? "ANALYZE TABLE" : "ANALYZE") + " item");
            try (GatewayProcess gateway =
                    GatewayProcess.startWith(
                            List.of("-Dsluice.failpoint=CHUNK_COPIED"),
                            "run",
                            "-c",
                            sites.configFile(folder).toString())) {
                assertThat(gateway.awaitFailpoint(180)).as(gateway.errors()).isTrue();
                gateway.kill();
            }
            sites.onTarget("ALTER TABLE item RENAME COLUMN v TO w");
            try (Gateway gateway = new Gateway(sites.config())) {
                assertThat(Watching.awaitFailed(gateway).message())
                        .contains(sites.targetName("item"), "v");
            }
            sites.onTarget("ALTER TABLE item RENAME COLUMN w TO v");
            sites.onSource("ALTER TABLE item ADD COLUMN late integer");
            sites.onTarget("ALTER TABLE item ADD COLUMN late integer");
            try (Gateway gateway = new Gateway(sites.config())) {
                assertThat(Watching.awaitFailed(gateway).message())
                        .contains("was altered while it was being copied", "late int", "recopy");
            }
            assertThat(chunksDone(sites)).as("what was done is kept").isPositive();
        }
    }

    private void kill(Pair pair, int times) throws Exception {
        LOG.info("{}, seed {}", pair, SEED);
        SplittableRandom random = new SplittableRandom(SEED);
        try (TwoSites sites =
                        pair.sites(Durability.REAL)
                                .with("heartbeat: 200ms")
                                .with("copy: {workers: 3, chunkSize: 16KiB}");
                Workload load = pair.load(SEED)) {
            load.createSchema(sites.source());
            load.run(sites::source, 100);
            Moves moves = new Moves(pair, sites, random.nextLong());
            moves.fill();
            Path config = sites.configFile(folder);
            load.start(sites::source, 10);
            moves.start();
            long done = 0;
            for (int round = 0; round < times; round++) {
                try (GatewayProcess gateway =
                        GatewayProcess.startWith(
                                List.of(
                                        "-Xmx256m",
                                        "-Dsluice.failpoint=CHUNK_COPIED:" + random.nextInt(8)),
                                "run",
                                "-c",
                                config.toString())) {
                    assertThat(gateway.awaitFailpoint(180))
                            .as("seed %d, round %d\n%s", SEED, round, gateway.errors())
                            .isTrue();
                    gateway.kill();
                    assertThat(gateway.errors()).doesNotContain("moved begins anew");
                }
                long now = chunksDone(sites);
                assertThat(now).as("seed %d: what was done stays done", SEED).isGreaterThan(done);
                done = now;
                moves.requireAlive();
            }
            load.stop();
            moves.stop();
            String errors = requireEqualAtLast(pair, sites, config);
            assertThat(
                            sites.queryTarget(
                                    "SELECT count(DISTINCT position) FROM sluice.copy_progress"
                                            + " WHERE table_name = 'moved'"))
                    .as("the table is of several moments\n%s", errors)
                    .isNotEqualTo("1");
        }
    }

    private static long chunksDone(TwoSites sites) {
        return Long.parseLong(
                sites.queryTarget("SELECT count(*) FROM sluice.copy_progress WHERE done"));
    }

    private static String requireEqualAtLast(Pair pair, TwoSites sites, Path config)
            throws InterruptedException {
        String errors;
        try (GatewayProcess gateway =
                GatewayProcess.start(
                        "run",
                        "-c",
                        config.toString(),
                        "--until",
                        "caught-up",
                        "--timeout",
                        "4m")) {
            assertThat(gateway.awaitExit(270)).as("seed %d\n%s", SEED, gateway.errors()).isZero();
            errors = gateway.errors();
        }
        assertThat(
                        sites.queryTarget(
                                "SELECT count(*) FROM sluice.build"
                                        + " WHERE table_name = 'named' AND state = 'DONE'"))
                .as("the key is made when the rows have come together\n%s", errors)
                .isEqualTo("1");
        List<String> tables = pair.tables("public.moved", "public.named");
        assertThat(sites.compare(tables).isEqual())
                .as("seed %d: %s", SEED, sites.compare(tables))
                .isTrue();
        return errors;
    }

    /**
     * Rows that move: by new keys, by new places in the table, and by values of a unique key that
     * go from one row to another. They hold texts that are kept out of line, which PostgreSQL's log
     * leaves out of an update that does not change them.
     */
    private static final class Moves {

        private final Pair pair;
        private final TwoSites sites;
        private final SplittableRandom random;
        private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        private volatile boolean stopping;
        private @Nullable Thread thread;

        Moves(Pair pair, TwoSites sites, long seed) {
            this.pair = pair;
            this.sites = sites;
            this.random = new SplittableRandom(seed);
        }

        void fill() {
            if (pair.fromMySql) {
                String numbers =
                        "WITH RECURSIVE g (g) AS (SELECT 1 UNION ALL SELECT g + 1 FROM g WHERE g <"
                                + " %d) SELECT ";
                sites.onSource(
                        "CREATE TABLE moved (id bigint PRIMARY KEY, n int NOT NULL, big longtext)",
                        "CREATE TABLE named (id bigint PRIMARY KEY, name varchar(40) UNIQUE)",
                        "SET SESSION cte_max_recursion_depth = 1000000",
                        "INSERT INTO moved %s g, 0, REPEAT(SHA2(g, 256), 40) FROM g"
                                .formatted(numbers.formatted(ROWS)),
                        "INSERT INTO named %s g, CONCAT('n', g) FROM g"
                                .formatted(numbers.formatted(NAMES)),
                        "ANALYZE TABLE moved, named");
            } else {
                sites.onSource(
                        "CREATE TABLE moved (id bigint PRIMARY KEY, n int NOT NULL, big text)",
                        "CREATE TABLE named (id bigint PRIMARY KEY, name varchar(40) UNIQUE)",
                        "ALTER TABLE moved ALTER big SET STORAGE EXTERNAL",
                        "INSERT INTO moved SELECT g, 0, repeat(md5(g::text), 80) FROM"
                                + " generate_series(1, %d) g".formatted(ROWS),
                        "INSERT INTO named SELECT g, 'n' || g FROM generate_series(1, %d) g"
                                .formatted(NAMES),
                        "ANALYZE moved, named");
            }
        }

        void start() {
            thread = Thread.ofVirtual().start(this::run);
        }

        void stop() throws InterruptedException {
            stopping = true;
            thread.join();
            requireAlive();
        }

        void requireAlive() {
            assertThat(failure.get()).isNull();
        }

        private void run() {
            try (Connection connection = sites.source();
                    Statement statement = connection.createStatement()) {
                long next = 10 * ROWS;
                while (!stopping) {
                    long one = 1 + random.nextInt(ROWS);
                    switch (random.nextInt(20)) {
                        case 0 -> statement.execute("DELETE FROM moved WHERE id = " + one);
                        case 1 ->
                                statement.execute(
                                        "UPDATE moved SET id = %d WHERE id = %d"
                                                .formatted(next++, one));
                        case 2 ->
                                statement.execute(
                                        (pair.fromMySql
                                                        ? "INSERT IGNORE INTO moved VALUES (%d, 0, REPEAT('y', 3000))"
                                                        : "INSERT INTO moved VALUES (%d, 0, repeat('y', 3000)) ON CONFLICT DO NOTHING")
                                                .formatted(one));
                        case 3 ->
                                handNameOver(
                                        statement,
                                        1 + random.nextInt(NAMES),
                                        1 + random.nextInt(NAMES));
                        case 4 ->
                                statement.execute(
                                        "UPDATE moved SET big = %s WHERE id = %d"
                                                .formatted(
                                                        pair.fromMySql
                                                                ? "REPEAT(SHA2(id, 256), 45)"
                                                                : "repeat(md5(id::text), 90)",
                                                        one));
                        default ->
                                statement.execute(
                                        "UPDATE moved SET n = n + 1 WHERE id BETWEEN %d AND %d"
                                                .formatted(one, one + 5));
                    }
                    // As fast as a gateway can follow, so that the end is reached.
                    LockSupport.parkNanos(3_000_000);
                }
            } catch (SQLException e) {
                failure.set(e);
            }
        }

        private static void handNameOver(Statement statement, long name, long to)
                throws SQLException {
            statement.execute("BEGIN");
            statement.execute("UPDATE named SET name = NULL WHERE name = 'n%d'".formatted(name));
            statement.execute("UPDATE named SET name = 'n%d' WHERE id = %d".formatted(name, to));
            statement.execute("COMMIT");
        }
    }
}
