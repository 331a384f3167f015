package io.sluice.connectors.debezium;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.change.BinlogPosition;
import io.sluice.change.Change;
import io.sluice.change.RowChange.Insert;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.LogGapException;
import io.sluice.testkit.FaultProxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What ends a reader of a binary log, and how it is told. */
class MySqlFailuresTest {

    private MySqlFixture source;

    @AfterEach
    void dropDatabase() throws Exception {
        source.close();
    }

    private BinlogPosition start(boolean gtids) {
        source = MySqlFixture.shared(gtids);
        source.run("CREATE TABLE t (id int PRIMARY KEY, a text, j json)");
        return source.publish("t");
    }

    private static void assertFatal(ConnectorException failure, String remedy) {
        assertThat(failure.errorClass()).isEqualTo(ErrorClass.FATAL);
        assertThat(failure).hasMessageContaining(remedy);
        assertThat(failure.getMessage()).doesNotContain("secret");
    }

    @Test
    void partsOfRowsAreRefused() {
        Reading reading = source(true);
        source.run(
                "SET SESSION binlog_row_image = 'MINIMAL'",
                "UPDATE t SET a = 'secret' WHERE id = 1");
        assertFatal(reading.failure(), "binlog_row_image=FULL");
    }

    @Test
    void partsOfJsonAreRefused() {
        Reading reading = source(true);
        source.run(
                "SET SESSION binlog_row_value_options = 'PARTIAL_JSON'",
                "UPDATE t SET j = JSON_SET(j, '$.a', 'secret') WHERE id = 1");
        assertFatal(reading.failure(), "binlog_row_value_options=''");
    }

    @Test
    void statementsInThePlaceOfRowsAreRefused() {
        Reading reading = source(false);
        source.run(
                "SET SESSION binlog_format = 'STATEMENT'",
                "UPDATE t SET a = 'secret' WHERE id = 1");
        assertFatal(reading.failure(), "binlog_format=ROW");
    }

    @Test
    void xaTransactionsAreRefusedWhereTheyTouchReplicatedTables() {
        Reading reading = source(true);
        source.run(
                "CREATE TABLE other (id int PRIMARY KEY)",
                "XA START 'x'",
                "INSERT INTO other VALUES (1)",
                "XA END 'x'",
                "XA PREPARE 'x'",
                "XA COMMIT 'x'");
        for (int i = 0; i < 3; i++) {
            assertThat(reading.transaction().changes()).isEmpty();
        }
        source.run(
                "XA START 'z'",
                "INSERT INTO other VALUES (2)",
                "XA END 'z'",
                "XA COMMIT 'z' ONE PHASE");
        assertThat(reading.transaction().end().position()).isEqualTo(source.now());
        source.run(
                "XA START 'y'",
                "UPDATE t SET a = 'secret' WHERE id = 1",
                "XA END 'y'",
                "XA PREPARE 'y'",
                "XA ROLLBACK 'y'");
        assertFatal(reading.failure(), "XA");
    }

    @Test
    void rowsThatGoWithTheirPartitionAreRefused() {
        source = MySqlFixture.shared(true);
        source.run(
                "CREATE TABLE t (id int PRIMARY KEY) PARTITION BY RANGE (id)"
                        + " (PARTITION p VALUES LESS THAN (10), PARTITION q VALUES LESS THAN (20))");
        Reading reading = source.read(source.publish("t"));
        source.run("ALTER TABLE t DROP PARTITION p");
        assertFatal(reading.failure(), "Copy the table again");
    }

    /** What happened to the rows of these could not be seen of the target's table. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE t RENAME COLUMN a TO b, RENAME COLUMN b TO a",
                "ALTER TABLE t DROP COLUMN b, CHANGE COLUMN `a` `b` int",
                "ALTER TABLE t MODIFY b int AS (id + 1) STORED",
                "RENAME TABLE t TO t_old, t_new TO t",
                "RENAME TABLE t TO t_old",
                "ALTER TABLE t RENAME AS t_old",
                "ALTER TABLE parts EXCHANGE PARTITION p WITH TABLE `t`"
            })
    void alterationsThatNobodyCouldFollowAreRefused(String statement) {
        source = MySqlFixture.shared(true);
        String columns = " (id int PRIMARY KEY, a int, b int)";
        source.run(
                "CREATE TABLE t" + columns,
                "CREATE TABLE t_new LIKE t",
                "CREATE TABLE parts"
                        + columns
                        + " PARTITION BY RANGE (id) (PARTITION p VALUES LESS THAN (10))",
                "INSERT INTO t VALUES (1, 2, 3)");
        Reading reading = source.read(source.publish("t"));
        source.run(statement);
        assertFatal(reading.failure(), "opy");
        assertThat(reading.pieces).isEmpty();
        assertThat(source.history.records)
                .as("it is told again")
                .noneMatch(r -> r.contains(statement));
    }

    private Reading source(boolean gtids) {
        BinlogPosition from = start(gtids);
        source.run(
                "INSERT INTO t VALUES (1, 'a', '{\"a\": \"b\", \"c\": \"dddddddddddddddddd\"}')");
        Reading reading = source.read(from);
        reading.transaction();
        return reading;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPurgedLogIsAGap(boolean gtids) {
        source = MySqlFixture.own(gtids);
        source.run("CREATE TABLE t (id int PRIMARY KEY)");
        BinlogPosition from = source.publish("t");
        source.run("INSERT INTO t VALUES (1)", "FLUSH BINARY LOGS", "INSERT INTO t VALUES (2)");
        source.run("PURGE BINARY LOGS TO '%s'".formatted(source.now().file()));
        assertThatThrownBy(() -> source.read(from))
                .isInstanceOfSatisfying(
                        LogGapException.class,
                        gap -> assertThat(gap.from()).isEqualTo(from.text()));
    }

    @Test
    void aPositionThatTheServerNeverHadIsAGap() {
        start(false);
        BinlogPosition now = source.now();
        BinlogPosition beyond = new BinlogPosition(now.file(), now.offset() + 1_000_000, null);
        assertThatThrownBy(() -> source.read(beyond)).isInstanceOf(LogGapException.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aLostConnectionMayBeTriedAgain(boolean gtids) throws Exception {
        BinlogPosition from = start(gtids);
        try (FaultProxy proxy = FaultProxy.to(source.server.host(), source.server.port())) {
            source.through(proxy);
            Reading reading = source.read(from);
            source.run("INSERT INTO t VALUES (1, 'a', NULL)");
            BinlogPosition got = (BinlogPosition) reading.transaction().end().position();
            proxy.cut();
            assertThat(reading.failure().errorClass()).isEqualTo(ErrorClass.RETRY);
            proxy.heal();
            source.run("INSERT INTO t VALUES (2, 'b', NULL)");
            assertThat(source.read(got).transaction().only(Insert.class).after().get(0))
                    .isEqualTo(2L);
        }
    }

    /** The server keeps one reader of a number, and ends the other. */
    @Test
    void aReaderWhoseServerIdAnotherOneTakesMayTryAgain() {
        BinlogPosition from = start(true);
        MySqlCaptureSettings settings = source.settings();
        Reading first = source.read(settings, from);
        source.run("INSERT INTO t VALUES (1, 'a', NULL)");
        assertThat(first.transaction().changes()).hasSize(1);

        Reading second = source.read(settings, from);
        assertThat(second.transaction().changes()).hasSize(1);
        assertThat(first.failure().errorClass()).isEqualTo(ErrorClass.RETRY);
    }

    @Test
    void definitionsThatAreLostAreNotGuessed() {
        BinlogPosition from = start(true);
        source.history.replace(List.of());
        source.run("INSERT INTO t VALUES (1, 'secret', NULL)");
        assertThatThrownBy(
                        () -> {
                            throw source.read(from).failure();
                        })
                .isInstanceOfSatisfying(ConnectorException.class, e -> assertFatal(e, "opy"));
    }

    @Test
    void aMissingPrivilegeIsNamed() {
        BinlogPosition from = start(true);
        String user = "u_" + source.database;
        source.run(
                "CREATE USER %s IDENTIFIED BY '%s'".formatted(user, source.password()),
                "GRANT SELECT, REPLICATION CLIENT ON *.* TO " + user);
        source.as(user);
        assertThatThrownBy(() -> source.read(from))
                .isInstanceOfSatisfying(
                        ConnectorException.class,
                        e -> assertFatal(e, "GRANT REPLICATION SLAVE, REPLICATION CLIENT"));
        source.run("GRANT REPLICATION SLAVE ON *.* TO " + user);
        Reading reading = source.read(from);
        source.run("INSERT INTO t VALUES (1, 'a', NULL)");
        // The log has the grants before it.
        List<Change> changes = List.of();
        while (changes.isEmpty()) {
            changes = reading.transaction().changes();
        }
        source.run("DROP USER " + user);
    }

    @Test
    void closingWhileTheReceiverIsFullIsBounded() throws Exception {
        BinlogPosition from = start(true);
        source.limits = new CaptureLimits(4, 100_000, 1, 1_000_000);
        for (int i = 0; i < 100; i++) {
            source.run("INSERT INTO t VALUES (%d, repeat('x', 50000), NULL)".formatted(i));
        }
        CountDownLatch full = new CountDownLatch(1);
        MySqlChangeSource stuck = new MySqlChangeSource(source.settings(), from);
        stuck.start(
                new io.sluice.connectors.spi.ChangeSource.Receiver() {
                    @Override
                    public void receive(io.sluice.change.TransactionPiece piece)
                            throws InterruptedException {
                        full.countDown();
                        new CountDownLatch(1).await();
                    }

                    @Override
                    public void failed(ConnectorException cause) {}
                });
        full.await();
        long began = System.nanoTime();
        stuck.close();
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(11));
    }
}
