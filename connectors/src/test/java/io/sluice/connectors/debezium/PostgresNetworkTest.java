package io.sluice.connectors.debezium;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.Lsn;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.testkit.FaultProxy;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A network that fails between the source and its reader. */
class PostgresNetworkTest {

    private CaptureFixture source;
    private FaultProxy network;

    @BeforeEach
    void makeDatabase() {
        source = new CaptureFixture();
        source.run("CREATE TABLE t (id bigint PRIMARY KEY, a text)");
        network = FaultProxy.to(source.server);
        source.through(network);
    }

    @AfterEach
    void dropDatabase() throws Exception {
        source.close();
        network.close();
    }

    @Test
    void aCutConnectionMayBeTriedAgainAndNothingIsLost() {
        Reading reading = source.read(source.publish("t"));
        source.run("INSERT INTO t VALUES (1)");
        Lsn end = reading.transaction().position();
        network.cut();
        source.run("INSERT INTO t VALUES (2)");
        assertThat(reading.failure().errorClass()).isEqualTo(ErrorClass.RETRY);
        reading.source.close();
        assertThat(source.read(end).transaction().changes()).hasSize(1);
    }

    @Test
    void aResetConnectionMayBeTriedAgain() {
        Reading reading = source.read(source.publish("t"));
        network.reset();
        assertThat(reading.failure().errorClass()).isEqualTo(ErrorClass.RETRY);
    }

    @Test
    void closingIsBoundedWhenNothingAnswers() {
        Reading reading = source.read(source.publish("t"));
        source.run("INSERT INTO t VALUES (1)");
        reading.transaction();
        network.stall();
        source.run("INSERT INTO t SELECT i FROM generate_series(2, 10000) i");
        long begin = System.nanoTime();
        reading.source.close();
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(11));
        network.resume();
        assertThat(reading.pieces).isEmpty();
    }

    @Test
    void closingIsBoundedWhileTheStartGetsNoAnswer() throws Exception {
        Lsn from = source.publish("t");
        PostgresChangeSource stalled = new PostgresChangeSource(source.settings(), from);
        network.stall();
        Thread start =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    try {
                                        stalled.start(new Reading(stalled));
                                    } catch (RuntimeException e) {
                                        // What it says is for others; here it has to end.
                                    }
                                });
        TimeUnit.MILLISECONDS.timedJoin(start, 500);
        stalled.close();
        assertThat(start.join(Duration.ofSeconds(15))).isTrue();
    }

    @Test
    @Tag("slow")
    void aLinkThatStallsIsNoticed() throws Exception {
        Reading reading = source.read(source.publish("t"));
        network.stall();
        assertThat(reading.failure.get(60, TimeUnit.SECONDS).errorClass())
                .isEqualTo(ErrorClass.RETRY);
    }

    @Test
    @Tag("slow")
    void aServerThatVanishesIsNoticed() throws Exception {
        Reading reading = source.read(source.publish("t"));
        network.halfOpen();
        assertThat(reading.failure.get(60, TimeUnit.SECONDS).errorClass())
                .isEqualTo(ErrorClass.RETRY);
    }
}
