package io.sluice.connectors.mysql;

import static io.sluice.connectors.mysql.TargetFixture.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.change.Row;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.CollisionException;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.SiteSession;
import io.sluice.connectors.spi.TableOperation.InsertRows;
import io.sluice.connectors.spi.TargetSession;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The rows that a session locks and finds on a server that others write to as well. */
final class MySqlSiteSessionTest {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    private static final String KEYS =
            """
            CREATE TABLE t (big bigint unsigned, word varchar(20) COLLATE utf8mb4_0900_bin,
              raw varbinary(8), day date, at datetime(3), amount decimal(6,2), v varchar(20),
              PRIMARY KEY (word, big, raw, day, at, amount))
            """;

    private TargetFixture db;
    private MySqlTarget target;
    private Checkpoint claim;

    @BeforeEach
    void open() {
        db = TargetFixture.create();
        target = MySqlTarget.ofSite(db.address());
        target.prepare();
        claim = target.claim(db.pipeline, TargetFixture.GATEWAY_1);
    }

    @AfterEach
    void close() {
        target.close();
        db.close();
    }

    @Test
    void rowsAreFoundByKeysOfAllTypesAndLockedUntilTheEnd() throws Exception {
        db.run(
                KEYS,
                "INSERT INTO t VALUES (18446744073709551615, 'a ', x'00ff', '2024-02-29',"
                        + " '2024-02-29 12:00:00.5', 1.5, 'there'),"
                        + " (0, 'é', x'', '0000-00-00', '0000-00-00', -0.01, 'other')");
        TableSchema t = db.schema("t");
        List<Row> keys =
                List.of(
                        key("18446744073709551615", "a", "2024-02-29 12:00:00.500"),
                        key("18446744073709551615", "a ", "2024-02-29 12:00:00.500"),
                        key("18446744073709551614", "a ", "2024-02-29 12:00:00.500"),
                        key("18446744073709551615", "a ", "2024-02-29 12:00:00.501"),
                        row(
                                "0",
                                "é",
                                new byte[0],
                                "0000-00-00",
                                "0000-00-00 00:00:00.000",
                                "-0.01",
                                Row.NOT_SENT));
        try (TargetSession session = target.session(claim, LIMIT);
                Connection local = db.server.connect(db.name);
                Statement statement = local.createStatement()) {
            SiteSession site = site(session);
            assertThat(site.lock(t, keys)).isEqualTo(places(1, 4));
            assertThat(site.find(t, keys).get(1).get(6)).isEqualTo("there");
            assertThat(site.find(t, keys).get(1).key(t.key())).isEqualTo(keys.get(1).key(t.key()));
            assertThat(site.find(t, keys)).containsOnlyKeys(1, 4);
            statement.execute("SET innodb_lock_wait_timeout = 1");
            // What is not there is nobody's.
            statement.execute(
                    "INSERT INTO t VALUES (1, 'a', x'00ff', '2024-02-29', '2024-02-29', 1.5, 'new')");
            assertThatThrownBy(() -> statement.execute("UPDATE t SET v = 'x' WHERE word = 'é'"))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            e -> assertThat(e.getErrorCode()).isEqualTo(MySqlErrors.LOCK_WAIT));
            session.rollback();
            statement.execute("UPDATE t SET v = 'x' WHERE word = 'é'");
            assertThat(site.find(t, keys).get(4).get(6)).isEqualTo("x");
        }
    }

    @Test
    void hundredsOfKeysAreLockedTogetherAndOwnRowsAreFound() {
        db.run("CREATE TABLE t (id bigint PRIMARY KEY, v int)");
        TableSchema t = db.schema("t");
        List<Row> even =
                LongStream.range(0, 1_200)
                        .filter(i -> i % 2 == 0)
                        .mapToObj(i -> row(i, 1L))
                        .toList();
        List<Row> all = LongStream.range(0, 1_200).mapToObj(i -> row(i, Row.NOT_SENT)).toList();
        try (TargetSession session = target.session(claim, LIMIT)) {
            SiteSession site = site(session);
            session.execute(new InsertRows(t, even));
            assertThat(site.lock(t, all))
                    .isEqualTo(places(IntStream.range(0, 600).map(i -> 2 * i).toArray()));
            assertThat(site.lock(t, List.of())).isEqualTo(new BitSet());
        }
    }

    @Test
    void aRowThatOthersHoldIsWaitedForAndItsNeighboursAreNot() throws Exception {
        db.run(
                "CREATE TABLE t (id bigint PRIMARY KEY, v int)",
                "INSERT INTO t VALUES (1, 0), (2, 0), (3, 0)");
        TableSchema t = db.schema("t");
        try (TargetSession session = target.session(claim, LIMIT);
                Connection local = db.server.connect(db.name);
                Statement statement = local.createStatement()) {
            local.setAutoCommit(false);
            statement.execute("UPDATE t SET v = 1 WHERE id = 2");
            SiteSession site = site(session);
            // Every row of a small table would be read, did the server choose.
            List<Row> around = List.of(row(1L, 0L), row(3L, 0L), row(0L, 0L), row(4L, 0L));
            assertThat(site.lock(t, around)).isEqualTo(places(0, 1));
            Thread waiting =
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        awaitWaiting();
                                        commit(local);
                                    });
            assertThat(site.lock(t, List.of(row(2L, 0L)))).isEqualTo(places(0));
            waiting.join();
            assertThat(site.find(t, List.of(row(2L, 0L)))).containsEntry(0, row(2L, 1L));
        }
    }

    @Test
    void aDeadlockIsACollisionUnlessAPartIsWrittenAlready() throws Exception {
        db.run(
                "CREATE TABLE t (id bigint PRIMARY KEY, v int)",
                "INSERT INTO t VALUES (1, 0), (2, 0)",
                "CREATE TABLE heavy (id bigint PRIMARY KEY)");
        TableSchema t = db.schema("t");
        for (boolean inPart : new boolean[] {false, true}) {
            try (TargetSession session = target.session(claim, LIMIT);
                    Connection local = db.server.connect(db.name);
                    Statement statement = local.createStatement()) {
                SiteSession site = site(session);
                if (inPart) {
                    session.savepoint();
                }
                local.setAutoCommit(false);
                site.lock(t, List.of(row(1L, 0L)));
                // Of two the one that has written less is ended.
                statement.execute(
                        "INSERT INTO heavy WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1"
                                + " FROM n WHERE i < 500) SELECT i FROM n");
                statement.execute("UPDATE t SET v = 1 WHERE id = 2");
                Thread waiting =
                        Thread.ofVirtual()
                                .start(
                                        () -> {
                                            execute(statement, "UPDATE t SET v = 1 WHERE id = 1");
                                            commit(local);
                                        });
                awaitWaiting();
                assertThatThrownBy(() -> site.lock(t, List.of(row(2L, 0L))))
                        .isInstanceOfSatisfying(
                                ConnectorException.class,
                                e -> {
                                    assertThat(e.errorClass()).isEqualTo(ErrorClass.RETRY);
                                    assertThat(e instanceof CollisionException).isEqualTo(!inPart);
                                });
                waiting.join();
                session.rollback();
                assertThat(site.lock(t, List.of(row(2L, 0L)))).isEqualTo(places(0));
                db.run("DELETE FROM heavy");
            }
        }
    }

    @Test
    void aKeyThatIsEqualAndLooksDifferentIsNotTakenForAnother() {
        db.run(
                "CREATE TABLE t (word varchar(20) COLLATE utf8mb4_0900_ai_ci PRIMARY KEY, v int)",
                "INSERT INTO t VALUES ('Word', 0)");
        TableSchema t = db.schema("t");
        try (TargetSession session = target.session(claim, LIMIT)) {
            SiteSession site = site(session);
            assertThatThrownBy(() -> site.lock(t, List.of(row("word", 0L))))
                    .isInstanceOfSatisfying(
                            ConnectorException.class,
                            e -> assertThat(e.errorClass()).isEqualTo(ErrorClass.FATAL))
                    .hasMessageContaining("utf8mb4_0900_bin");
        }
    }

    private void awaitWaiting() {
        Awaitility.await()
                .atMost(60, TimeUnit.SECONDS)
                .until(
                        () -> {
                            try (Connection own = db.server.connect(db.name);
                                    Statement statement = own.createStatement();
                                    ResultSet rows =
                                            statement.executeQuery(
                                                    "SELECT count(*) FROM"
                                                            + " performance_schema.data_lock_waits")) {
                                rows.next();
                                return rows.getLong(1) > 0;
                            }
                        });
    }

    private static void execute(Statement statement, String sql) {
        try {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void commit(Connection connection) {
        try {
            connection.commit();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static SiteSession site(TargetSession session) {
        return session.site().orElseThrow();
    }

    private static Row key(String big, String word, String at) {
        return row(big, word, new byte[] {0, (byte) 0xff}, "2024-02-29", at, "1.50", Row.NOT_SENT);
    }

    private static BitSet places(int... places) {
        BitSet set = new BitSet();
        IntStream.of(places).forEach(set::set);
        return set;
    }
}
