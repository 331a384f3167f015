package io.sluice.connectors.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.change.BinlogPosition;
import io.sluice.connectors.mysql.SourceFixture.History;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.CopyFormat;
import io.sluice.connectors.spi.DatabaseAddress;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.SnapshotReader;
import io.sluice.testkit.Durability;
import io.sluice.testkit.MySqlServer;
import io.sluice.testkit.Servers;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** The first copy's moment and lines. */
class MySqlSnapshotTest {

    private static final String LEAST = "SELECT, LOCK TABLES";
    private static final String WITHOUT_LOCKS = "SELECT";

    private static final MySqlServer SERVER = Servers.mysql(Durability.FAST);

    @AfterAll
    static void end() {
        SERVER.close();
    }

    @Test
    void theSnapshotIsExactlyThePositionUnderLoad() throws Exception {
        try (SourceFixture fixture = new SourceFixture(SERVER)) {
            momentsAreExact(fixture, fixture.narrowRole("least", LEAST), 10, 0);
        }
    }

    @Test
    void withoutLockTablesAMomentBetweenTransactionsIsFound() throws Exception {
        // Where a commit waits for the disk, it stands longer between the log and its effect.
        try (MySqlServer slow = Servers.mysql(Durability.REAL);
                SourceFixture fixture = new SourceFixture(slow)) {
            MySqlSource unlocked = fixture.narrowRole("unlocked", WITHOUT_LOCKS);
            fixture.run("GRANT XA_RECOVER_ADMIN ON *.* TO unlocked");
            momentsAreExact(fixture, unlocked, 10, 10);
        }
    }

    @Test
    void withoutGtidsTheOffsetIsExactToo() throws Exception {
        try (MySqlServer plain =
                        Servers.mysql(
                                Durability.FAST,
                                Map.of("gtid_mode", "OFF", "enforce_gtid_consistency", "OFF"));
                SourceFixture fixture = new SourceFixture(plain)) {
            momentsAreExact(fixture, fixture.narrowRole("least", LEAST), 10, 0);

            MySqlSource unlocked = fixture.narrowRole("unlocked", WITHOUT_LOCKS);
            assertThatThrownBy(() -> fixture.start(unlocked, new History()))
                    .isInstanceOf(ConnectorException.class)
                    .hasMessageContaining("GRANT LOCK TABLES ON `" + fixture.name + "`.* TO");
        }
    }

    /** Each transaction moves two tables by one, so that a moment between them would show. */
    private static void momentsAreExact(
            SourceFixture fixture, MySqlSource source, int moments, int pauseMillis)
            throws Exception {
        fixture.run(
                "CREATE TABLE counter (id INT PRIMARY KEY, n BIGINT NOT NULL)",
                "CREATE TABLE log (id BIGINT AUTO_INCREMENT PRIMARY KEY, worker INT)",
                "INSERT INTO counter VALUES (1, 0), (2, 0), (3, 0)");
        AtomicBoolean done = new AtomicBoolean();
        AtomicInteger committed = new AtomicInteger();
        List<Thread> workers = new ArrayList<>();
        for (int i = 1; i <= 3; i++) {
            int worker = i;
            workers.add(
                    Thread.ofPlatform()
                            .start(() -> work(fixture, worker, done, committed, pauseMillis)));
        }
        try {
            for (int i = 0; i < moments; i++) {
                int before = committed.get();
                while (committed.get() < before + 20) {
                    Thread.onSpinWait();
                }
                BinlogPosition position = moment(fixture, source);
                assertThat(position.covers(position)).isTrue();
            }
        } finally {
            done.set(true);
            for (Thread worker : workers) {
                worker.join();
            }
        }
    }

    private static BinlogPosition moment(SourceFixture fixture, MySqlSource source) {
        History history = new History();
        try (SnapshotReader snapshot = fixture.start(source, history)) {
            BinlogPosition position = (BinlogPosition) snapshot.position();
            int lines = fixture.lines(snapshot, "log").size();
            long sum =
                    fixture.lines(snapshot, "counter").stream()
                            .mapToLong(line -> Long.parseLong(SourceFixture.fields(line).get(1)))
                            .sum();
            assertThat(sum).isEqualTo(lines);
            assertThat((long) lines).isEqualTo(LogTail.inserts(fixture, position, "log"));
            assertThat(history.kept).isNotEmpty();
            return position;
        }
    }

    private static void work(
            SourceFixture fixture,
            int worker,
            AtomicBoolean done,
            AtomicInteger committed,
            int pauseMillis) {
        try (Connection connection = fixture.server.connect(fixture.name)) {
            connection.setAutoCommit(false);
            while (!done.get()) {
                SourceFixture.run(
                        connection,
                        "UPDATE counter SET n = n + 1 WHERE id = " + worker,
                        "INSERT INTO log (worker) VALUES (" + worker + ")",
                        "COMMIT",
                        "DO SLEEP(" + pauseMillis / 1000.0 + ")");
                committed.incrementAndGet();
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void anOldServersMomentIsExactToo() throws Exception {
        try (MySqlServer old = Servers.oldMySql(Durability.FAST);
                SourceFixture fixture = new SourceFixture(old)) {
            momentsAreExact(fixture, fixture.narrowRole("least", LEAST), 5, 0);
        }
    }

    @Test
    void aTransactionThatStandsInTheWayIsNamed() throws Exception {
        try (SourceFixture fixture = new SourceFixture(SERVER);
                MySqlConnections connections = new MySqlConnections(fixture.address());
                Connection writer = SERVER.connect(fixture.name)) {
            fixture.run("CREATE TABLE t (id INT PRIMARY KEY)");
            writer.setAutoCommit(false);
            SourceFixture.run(writer, "INSERT INTO t VALUES (1)");
            SnapshotMoment moment =
                    new SnapshotMoment(
                            connections,
                            "sluice",
                            fixture.tables(),
                            1,
                            false,
                            new SnapshotMoment.Patience(1, 2));
            assertThatThrownBy(moment::find)
                    .isInstanceOf(ConnectorException.class)
                    .hasMessageContaining("performance_schema.metadata_locks, which the role may");

            fixture.run("GRANT SELECT ON performance_schema.* TO " + fixture.address().username());
            assertThatThrownBy(moment::find)
                    .isInstanceOfSatisfying(
                            ConnectorException.class,
                            e -> assertThat(e.errorClass()).isEqualTo(ErrorClass.RETRY))
                    .hasMessageContaining(
                            "has a transaction open that wrote to " + fixture.name + ".t")
                    .hasMessageContaining("KILL ");
            // Nothing is left that holds the table.
            SourceFixture.run(
                    writer, "COMMIT", "SET lock_wait_timeout = 1", "ALTER TABLE t ADD n INT");
        }
    }

    @Test
    void aPreparedTransactionIsWaitedForWhetherTablesCanBeLockedOrNot() throws Exception {
        try (SourceFixture fixture = new SourceFixture(SERVER);
                Connection writer = SERVER.connect(fixture.name)) {
            fixture.run("CREATE TABLE t (id INT PRIMARY KEY)");
            SourceFixture.run(
                    writer,
                    "XA START 'stuck'",
                    "INSERT INTO t VALUES (1)",
                    "XA END 'stuck'",
                    "XA PREPARE 'stuck'");
            // The server gives its tables back to it after a restart.
            SERVER.stop();
            SERVER.start();
            fixture.reconnect();
            assertThatThrownBy(() -> moment(fixture, fixture.address()))
                    .isInstanceOf(ConnectorException.class)
                    .hasMessageContaining("could not be locked");

            fixture.narrowRole("unlocked", WITHOUT_LOCKS);
            fixture.run("REVOKE IF EXISTS XA_RECOVER_ADMIN ON *.* FROM unlocked");
            assertThatThrownBy(() -> moment(fixture, fixture.address("unlocked", "plain")))
                    .isInstanceOfSatisfying(
                            ConnectorException.class,
                            e -> assertThat(e.errorClass()).isEqualTo(ErrorClass.FATAL))
                    .hasMessageContaining("GRANT LOCK TABLES")
                    .hasMessageContaining("GRANT XA_RECOVER_ADMIN ON *.* TO `unlocked`");
            fixture.run("GRANT XA_RECOVER_ADMIN ON *.* TO unlocked");
            assertThatThrownBy(() -> moment(fixture, fixture.address("unlocked", "plain")))
                    .isInstanceOfSatisfying(
                            ConnectorException.class,
                            e -> assertThat(e.errorClass()).isEqualTo(ErrorClass.RETRY))
                    .hasMessageContaining("XA COMMIT");
            fixture.run("XA COMMIT 'stuck'");
            moment(fixture, fixture.address("unlocked", "plain")).snapshot().close();
        }
    }

    private static SnapshotMoment.Moment moment(SourceFixture fixture, DatabaseAddress address) {
        try (MySqlConnections connections = new MySqlConnections(address)) {
            return new SnapshotMoment(
                            connections,
                            "sluice",
                            fixture.tables(),
                            1,
                            false,
                            new SnapshotMoment.Patience(1, 1))
                    .find();
        }
    }

    @Test
    void aLongTransactionLetsGoInTime() throws Exception {
        try (SourceFixture fixture = new SourceFixture(SERVER)) {
            fixture.run("CREATE TABLE t (id INT PRIMARY KEY)");
            try (Connection writer = SERVER.connect(fixture.name)) {
                writer.setAutoCommit(false);
                SourceFixture.run(writer, "INSERT INTO t VALUES (1)");
                Thread later =
                        Thread.ofVirtual()
                                .start(() -> SourceFixture.run(writer, "DO SLEEP(8)", "COMMIT"));
                try (SnapshotReader snapshot = fixture.start(fixture.source, new History())) {
                    assertThat(fixture.lines(snapshot, "t")).containsExactly("1");
                }
                later.join();
            }
        }
    }

    @Test
    void tablesAreNeitherAlteredNorEmptiedBeforeTheyAreRead() throws Exception {
        try (SourceFixture fixture = new SourceFixture(SERVER)) {
            fixture.run("CREATE TABLE t (id INT PRIMARY KEY)", "INSERT INTO t VALUES (1), (2)");
            try (SnapshotReader snapshot = fixture.start(fixture.source, new History())) {
                fixture.run("INSERT INTO t VALUES (3)", "SET lock_wait_timeout = 1");
                assertThatThrownBy(() -> fixture.run("TRUNCATE TABLE t"))
                        .hasRootCauseMessage(
                                "Lock wait timeout exceeded; try restarting transaction");
                assertThat(fixture.lines(snapshot, "t")).containsExactly("1", "2");
            }
            fixture.run("TRUNCATE TABLE t");
        }
    }

    @Test
    void anUnfinishedReadEndsTheSnapshot() {
        try (SourceFixture fixture = new SourceFixture(SERVER)) {
            fixture.run("CREATE TABLE t (id INT PRIMARY KEY)", "INSERT INTO t VALUES (1), (2)");
            try (SnapshotReader snapshot = fixture.start(fixture.source, new History())) {
                assertThatThrownBy(
                                () ->
                                        snapshot.read(
                                                fixture.table("t"),
                                                List.of("id"),
                                                "",
                                                CopyFormat.TEXT,
                                                line -> {
                                                    throw new IllegalStateException("full");
                                                }))
                        .hasMessage("full");
                assertThatThrownBy(() -> fixture.lines(snapshot, "t"))
                        .isInstanceOfSatisfying(
                                ConnectorException.class,
                                e -> assertThat(e.errorClass()).isEqualTo(ErrorClass.RETRY));
            }
        }
    }

    @Test
    void everyTypeArrivesExactly() {
        try (SourceFixture fixture = new SourceFixture(SERVER)) {
            fixture.run(
                    "SET sql_mode = '', time_zone = '+00:00'",
                    """
                    CREATE TABLE t (id INT PRIMARY KEY, small TINYINT(1), zero INT(8) ZEROFILL,
                      big BIGINT UNSIGNED, amount DECIMAL(65,30), filled DECIMAL(8,3) ZEROFILL,
                      one FLOAT, two DOUBLE, bits BIT(64), fixed CHAR(5),
                      latin VARCHAR(20) CHARACTER SET latin1, words LONGTEXT,
                      bytes BINARY(4), blobs BLOB, day DATE, hours TIME(6), moment DATETIME(3),
                      stamp TIMESTAMP(2) NULL, born YEAR, doc JSON, mood ENUM('sad','o,k'),
                      moods SET('a','b'), place GEOMETRY,
                      twice INT AS (id * 2), `odd ``name` INT)
                    """,
                    """
                    INSERT INTO t (id, small, zero, big, amount, filled, one, two, bits, fixed, latin,
                      words, bytes, blobs, day, hours, moment, stamp, born, doc, mood, moods, place)
                    VALUES (1, -128, 5, 18446744073709551615,
                      -12345678901234567890123456789012345.000000000000000000000000000001, 0.5,
                      16777217, 0.1e0 + 0.2e0, b'1', 'ab  ', _utf8mb4'é€', 'a\\tb\\\\c\\nd\\re😀',
                      x'01', x'00ff5c', '2024-00-10', '-838:59:58.000001',
                      '9999-12-31 23:59:59.999', '2024-02-29 12:00:00.5', 2155,
                      '{"a": 1.50, "b": "\\\\n"}', 'o,k', 'b,a', ST_GeomFromText('POINT(1 2)'))
                    """,
                    "INSERT INTO t (id) VALUES (2)",
                    """
                    INSERT INTO t (id, one, two, bits, day, hours, moment, stamp, born, mood, moods,
                      words, blobs) VALUES (3, 3.4028234e38, 5e-324, 0, '0000-00-00', '00:00:00',
                      '0000-00-00 00:00:00', '0000-00-00 00:00:00', 0, 'none', '', '', '')
                    """);
            try (SnapshotReader snapshot = fixture.start(fixture.source, new History())) {
                List<String> lines = fixture.lines(snapshot, "t");
                assertThat(SourceFixture.fields(lines.get(0)))
                        .containsExactly(
                                "1",
                                "-128",
                                "5",
                                "18446744073709551615",
                                "-12345678901234567890123456789012345.000000000000000000000000000001",
                                "0.500",
                                "1.6777216E7",
                                "0.30000000000000004",
                                "0".repeat(63) + "1",
                                "ab",
                                "é€",
                                "a\\tb\\\\c\\nd\\re😀",
                                "\\\\x01000000",
                                "\\\\x00ff5c",
                                "2024-00-10",
                                "-838:59:58.000001",
                                "9999-12-31 23:59:59.999",
                                "2024-02-29 12:00:00.50+00",
                                "2155",
                                "{\"a\": 1.5, \"b\": \"\\\\n\"}",
                                "o,k",
                                "a,b",
                                "\\\\x000000000101000000000000000000f03f0000000000000040",
                                "\\N");
                assertThat(lines.get(1)).isEqualTo("2" + "\t\\N".repeat(23));
                assertThat(SourceFixture.fields(lines.get(2)))
                        .contains(
                                "3.4028235E38",
                                "5e-324",
                                "0".repeat(64),
                                "0000-00-00",
                                "00:00:00.000000",
                                "0000-00-00 00:00:00.000",
                                "0000-00-00 00:00:00.00+00",
                                "0",
                                "",
                                "\\\\x");
            }
        }
    }

    @Test
    void rowsArriveWhileTheServerIsStillSending() {
        try (SourceFixture fixture = new SourceFixture(SERVER)) {
            fixture.run(
                    "CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, words LONGTEXT)",
                    "INSERT INTO t (words) VALUES (REPEAT('x', 1000000))");
            for (int i = 0; i < 7; i++) {
                fixture.run("INSERT INTO t (words) SELECT words FROM t");
            }
            AtomicInteger rows = new AtomicInteger();
            List<String> sending = new ArrayList<>();
            try (SnapshotReader snapshot = fixture.start(fixture.source, new History())) {
                snapshot.read(
                        fixture.table("t"),
                        List.of("words"),
                        "",
                        CopyFormat.TEXT,
                        line -> {
                            if (rows.incrementAndGet() == 1) {
                                sending.addAll(
                                        fixture.rows(
                                                "SELECT command FROM"
                                                        + " information_schema.processlist WHERE info"
                                                        + " LIKE 'SELECT `words`%'"));
                            }
                        });
            }
            assertThat(rows).hasValue(128);
            assertThat(sending).containsExactly("Query");
        }
    }

    @Test
    void aValueLargerThanTheServersPacketsIsRefusedWithTheRemedy() {
        try (MySqlServer server =
                        Servers.mysql(Durability.FAST, Map.of("max_allowed_packet", "64M"));
                SourceFixture fixture = new SourceFixture(server)) {
            fixture.run(
                    "CREATE TABLE t (id INT PRIMARY KEY, bytes LONGBLOB)",
                    "INSERT INTO t VALUES (1, REPEAT('y', 40000000))");
            long[] length = new long[1];
            try (SnapshotReader snapshot = fixture.start(fixture.source, new History())) {
                snapshot.read(
                        fixture.table("t"),
                        List.of("bytes"),
                        "",
                        CopyFormat.TEXT,
                        line -> length[0] = line.length);
            }
            assertThat(length[0]).isEqualTo(80_000_004L);

            fixture.run("SET GLOBAL max_allowed_packet = 1048576");
            try (SnapshotReader snapshot = fixture.start(fixture.source, new History())) {
                assertThatThrownBy(() -> fixture.lines(snapshot, "t"))
                        .hasMessageContaining("SET PERSIST max_allowed_packet");
            }
        }
    }
}
