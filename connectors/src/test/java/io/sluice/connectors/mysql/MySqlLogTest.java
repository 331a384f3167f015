package io.sluice.connectors.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sluice.change.BinlogPosition;
import io.sluice.change.GtidSet;
import io.sluice.change.Lsn;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.LogGapException;
import io.sluice.connectors.spi.SourceProbe;
import io.sluice.testkit.DataCopy;
import io.sluice.testkit.Durability;
import io.sluice.testkit.MySqlServer;
import io.sluice.testkit.Servers;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Where the log ends, and whether it still continues. */
class MySqlLogTest {

    private static final Map<String, String> PLAIN =
            Map.of("gtid_mode", "OFF", "enforce_gtid_consistency", "OFF");

    private MySqlServer server;

    private SourceFixture with(Map<String, String> settings) {
        server = Servers.mysql(Durability.FAST, settings);
        SourceFixture fixture = new SourceFixture(server);
        fixture.run("CREATE TABLE t (id INT PRIMARY KEY)", "INSERT INTO t VALUES (1)");
        return fixture;
    }

    @AfterEach
    void end() {
        server.close();
    }

    private static String resume(SourceFixture fixture, BinlogPosition from, String identity) {
        return fixture.source.resumeLog(SourceFixture.PIPELINE, List.of(), from, identity);
    }

    private static void assertGap(SourceFixture fixture, BinlogPosition from, String why) {
        String identity = fixture.source.identity();
        assertThatThrownBy(() -> resume(fixture, from, identity))
                .isInstanceOfSatisfying(
                        LogGapException.class, gap -> assertThat(gap.from()).isEqualTo(from.text()))
                .hasMessageContaining(why)
                .hasMessageContaining("sluice recopy -c FILE '" + SourceFixture.PIPELINE + "'");
    }

    @Test
    void setsContinueUntilTheirLogIsPurged() {
        try (SourceFixture fixture = with(Map.of())) {
            BinlogPosition from = fixture.end();
            assertThatCode(() -> resume(fixture, from, fixture.source.identity()))
                    .doesNotThrowAnyException();
            fixture.run("INSERT INTO t VALUES (2)", "FLUSH BINARY LOGS");
            BinlogPosition later = fixture.end();
            fixture.run("PURGE BINARY LOGS TO '" + later.file() + "'");
            assertGap(fixture, from, "has removed these transactions from its log");
            assertThatCode(() -> resume(fixture, later, fixture.source.identity()))
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void aResetOrLostTailIsNoticed() {
        try (SourceFixture fixture = with(Map.of())) {
            BinlogPosition from = fixture.end();
            fixture.run("RESET BINARY LOGS AND GTIDS", "INSERT INTO t VALUES (3)");
            assertGap(fixture, from, "the server does not have these transactions");
        }
    }

    @Test
    void gtidsThatAreGivenOutOnceMoreAreNoticed() {
        try (SourceFixture fixture = with(Map.of())) {
            Path data = Path.of(fixture.one("SELECT @@datadir"));
            BinlogPosition earlier = fixture.end();
            server.pause();
            DataCopy snapshot = DataCopy.of(data);
            server.resume();
            fixture.run("INSERT INTO t VALUES (2)", "INSERT INTO t VALUES (3)");
            BinlogPosition from = fixture.end();

            BinlogPosition within = new BinlogPosition(from.file(), earlier.offset(), from.gtids());
            assertGap(fixture, within, "gave GTIDs out once more");
            BinlogPosition amid =
                    new BinlogPosition(from.file(), earlier.offset() + 1, from.gtids());
            assertGap(fixture, amid, "no transaction ends there");
            BinlogPosition beyond =
                    new BinlogPosition(from.file(), from.offset() + 1, from.gtids());
            assertGap(fixture, beyond, "ends before the checkpoint");

            server.kill();
            snapshot.putBack();
            server.start();
            fixture.reconnect();
            assertGap(fixture, from, "the server does not have these transactions");
            fixture.run("INSERT INTO t VALUES (4)", "INSERT INTO t VALUES (5)");
            fixture.run("INSERT INTO t VALUES (6)");
            assertThat(fixture.end().covers(from)).as("by the sets alone, all is well").isTrue();
            assertGap(fixture, from, "gave GTIDs out once more");
            assertThatCode(() -> resume(fixture, earlier, fixture.source.identity()))
                    .as("who had read no further than what was put back")
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void aLogThatLostItsTailIsAGapOnlyForWhoHasNotReadIt() throws IOException {
        try (SourceFixture fixture = with(Map.of())) {
            BinlogPosition before = fixture.end();
            fixture.run("INSERT INTO t VALUES (2)");
            // Its log has the commit at once, InnoDB's own only within a second.
            fixture.run("FLUSH LOCAL ENGINE LOGS");
            BinlogPosition after = fixture.end();
            server.kill();
            Path log = Path.of("data", before.file());
            try (FileChannel file =
                    FileChannel.open(server.log().resolveSibling(log), StandardOpenOption.WRITE)) {
                file.truncate(before.offset());
            }
            server.start();
            fixture.reconnect();
            assertThat(fixture.one("SELECT COUNT(*) FROM t")).as("InnoDB has it").isEqualTo("2");
            fixture.run("INSERT INTO t VALUES (3)");
            assertGap(fixture, before, "has removed these transactions from its log");
            assertThatCode(() -> resume(fixture, after, fixture.source.identity()))
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void transactionsThatWaitForAReplicaAreWaitedFor() throws Exception {
        try (SourceFixture fixture = with(Map.of())) {
            BinlogPosition now = fixture.end();
            GtidSet next = GtidSet.parse(fixture.one("SELECT @@server_uuid") + ":1000");
            BinlogPosition from =
                    new BinlogPosition(
                            now.file(),
                            now.offset(),
                            Objects.requireNonNull(now.gtids()).plus(next));
            try (Connection holder = server.connect(fixture.name)) {
                SourceFixture.run(
                        holder,
                        "SET SESSION gtid_next = '" + next.text() + "'",
                        "BEGIN",
                        "INSERT INTO t VALUES (1000)");
                assertThatThrownBy(() -> resume(fixture, from, fixture.source.identity()))
                        .isInstanceOfSatisfying(
                                ConnectorException.class,
                                e -> assertThat(e.errorClass()).isEqualTo(ErrorClass.RETRY))
                        .hasMessageContaining("not yet committed at the source");
                SourceFixture.run(holder, "COMMIT", "SET SESSION gtid_next = 'AUTOMATIC'");
            }
        }
    }

    @Test
    void aReplicaThatTookOverGoesOnByItsGtids() {
        try (SourceFixture fixture = with(Map.of());
                MySqlServer other = Servers.mysql(Durability.FAST)) {
            BinlogPosition from = fixture.end();
            String identity = fixture.source.identity();
            try (SourceFixture replica = new SourceFixture(other)) {
                assertThatThrownBy(() -> resume(replica, from, identity))
                        .isInstanceOf(LogGapException.class);
                replica.run(
                        "RESET BINARY LOGS AND GTIDS",
                        "SET GLOBAL gtid_purged = '" + from.gtids() + "'");
                replica.run("CREATE TABLE later (id INT PRIMARY KEY)");
                assertThat(replica.source.identity()).isNotEqualTo(identity);
                assertThat(resume(replica, from, identity))
                        .as("its own log is the measure from here on")
                        .isEqualTo(replica.source.identity());

                BinlogPosition older =
                        new BinlogPosition(from.file(), from.offset(), GtidSet.EMPTY);
                assertThatThrownBy(() -> resume(replica, older, identity))
                        .hasMessageContaining("has removed these transactions");
            }
        }
    }

    @Test
    void filesContinueUntilTheyAreGone() {
        try (SourceFixture fixture = with(PLAIN)) {
            BinlogPosition from = fixture.end();
            assertThat(from.gtids()).isNull();
            String identity = fixture.source.identity();
            assertThatCode(() -> resume(fixture, from, identity)).doesNotThrowAnyException();
            fixture.run("INSERT INTO t VALUES (2)");
            assertThatCode(() -> resume(fixture, from, identity)).doesNotThrowAnyException();
            fixture.run("FLUSH BINARY LOGS");
            assertThatCode(() -> resume(fixture, from, identity)).doesNotThrowAnyException();
            fixture.run("PURGE BINARY LOGS TO '" + fixture.end().file() + "'");
            assertGap(fixture, from, "has no log file");
        }
    }

    @Test
    void aLogBegunAnewUnderTheSameNamesIsNoticed() {
        try (SourceFixture fixture = with(PLAIN)) {
            BinlogPosition from = fixture.end();
            fixture.run("RESET BINARY LOGS AND GTIDS");
            assertGap(fixture, from, "ends before the checkpoint");
            fixture.run("CREATE TABLE u (id INT PRIMARY KEY, words LONGTEXT)");
            fixture.run("INSERT INTO u VALUES (2, REPEAT('x', 100000))");
            assertGap(fixture, from, "no transaction ends there");
            BinlogPosition ahead =
                    new BinlogPosition(from.file(), fixture.end().offset() + 1, null);
            assertGap(fixture, ahead, "ends before the checkpoint");
        }
    }

    @Test
    void withoutGtidsAnotherServerIsAGap() {
        try (SourceFixture fixture = with(PLAIN)) {
            assertThatThrownBy(
                            () ->
                                    resume(
                                            fixture,
                                            fixture.end(),
                                            "mysql:00000000-0000-0000-0000-000000000000"))
                    .isInstanceOf(LogGapException.class)
                    .hasMessageContaining("another server answers at the address");
        }
    }

    @Test
    void aChangeOfTheGtidModeIsAGap() {
        try (SourceFixture fixture = with(Map.of())) {
            BinlogPosition end = fixture.end();
            assertGap(
                    fixture,
                    new BinlogPosition(end.file(), end.offset(), null),
                    "the checkpoint was made with gtid_mode = OFF");
            assertThatThrownBy(
                            () ->
                                    fixture.source.resumeLog(
                                            SourceFixture.PIPELINE,
                                            List.of(),
                                            Lsn.parse("0/1"),
                                            fixture.source.identity()))
                    .isInstanceOf(ConnectorException.class)
                    .hasMessageContaining("is not a position in a MySQL log");
        }
    }

    @Test
    void theProbeTellsClockAndEndAndSurvivesARestart() {
        try (SourceFixture fixture = with(Map.of());
                SourceProbe probe = fixture.source.probe(SourceFixture.PIPELINE)) {
            BinlogPosition before = fixture.end();
            SourceProbe.Reading reading = probe.read();
            assertThat(reading.clock()).isCloseTo(Instant.now(), within(10, ChronoUnit.SECONDS));
            assertThat(reading.position()).isEqualTo(before);
            assertThat(reading.retainedBytes()).isEqualTo(-1);
            assertThat(reading.log()).isNotNull();
            fixture.run("INSERT INTO t VALUES (5)");
            assertThat(probe.read().position()).isNotEqualTo(before);
            assertThat(probe.read().position().covers(before)).isTrue();

            server.kill();
            assertThatThrownBy(probe::read)
                    .isInstanceOfSatisfying(
                            ConnectorException.class,
                            e -> assertThat(e.errorClass()).isEqualTo(ErrorClass.RETRY));
            server.start();
            fixture.reconnect();
            assertThat(probe.read().position().covers(before)).isTrue();
        }
    }

    @Test
    void theProbeGivesUpOnAServerThatDoesNotAnswer() {
        try (SourceFixture fixture = with(Map.of());
                SourceProbe probe = fixture.source.probe(SourceFixture.PIPELINE)) {
            probe.read();
            server.pause();
            long start = System.nanoTime();
            try {
                assertThatThrownBy(probe::read).isInstanceOf(ConnectorException.class);
            } finally {
                server.resume();
            }
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isLessThan(Duration.ofSeconds(10));
        }
    }
}
