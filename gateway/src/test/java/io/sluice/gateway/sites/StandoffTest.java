package io.sluice.gateway.sites;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.change.Change;
import io.sluice.change.Column;
import io.sluice.change.HybridTimestamp;
import io.sluice.change.LogicalType;
import io.sluice.change.Lsn;
import io.sluice.change.Origin;
import io.sluice.change.Row;
import io.sluice.change.RowChange;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.change.TransactionEnd;
import io.sluice.change.TransactionPiece;
import io.sluice.conflict.PolicyCatalog;
import io.sluice.conflict.TableChoice;
import io.sluice.conflict.TablePolicy;
import io.sluice.connectors.spi.SiteSession.ReadingPoint;
import io.sluice.connectors.spi.SourceProbe;
import io.sluice.gateway.apply.RacedException;
import io.sluice.gateway.capture.PieceBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Two directions of which each waits for what the other one reads. */
final class StandoffTest {

    private static final Origin EAST = new Origin("east");
    private static final Origin WEST = new Origin("west");
    private static final TableSchema TABLE =
            new TableSchema(
                    new TableId("public", "t"),
                    List.of(new Column("id", LogicalType.INTEGER)),
                    List.of(0));

    private final LocalLog east = log(EAST, WEST);
    private final LocalLog west = log(WEST, EAST);
    private final Standoff there = new Standoff(east, west);
    private final Standoff back = new Standoff(west, east);

    private static LocalLog log(Origin site, Origin peer) {
        LocalLog log =
                new LocalLog(
                        site,
                        peer,
                        Map.of("r:%s->%s".formatted(peer, site), peer),
                        StandoffTest::policy);
        log.begin(new ReadingPoint(new Lsn(10), HybridTimestamp.ZERO, ""), urgent -> {});
        return log;
    }

    private static TablePolicy policy(TableSchema table) {
        return TablePolicy.create(
                PolicyCatalog.installed(),
                new TableChoice(TableChoice.DEFAULT, Map.of(), Map.of()),
                table);
    }

    @Test
    void oneOfTwoGivesWayAndTheNextTimeTheOther() {
        east.need(true);
        west.need(true);
        assertThat(look(2)).isEqualTo("there");
        assertThat(back.isToGiveWay() || back.isToGiveWay())
                .as("nobody holds it up now, though it is its turn")
                .isFalse();
        there.hasRoom();
        back.hasRoom();
        assertThat(look(2)).isEqualTo("back");
        back.hasRoom();
        assertThat(look(2)).isEqualTo("there");
    }

    @Test
    void nobodyGivesWayToWhoDoesNotWaitOrIsNotHeldUpOrGetsOn() throws Exception {
        east.need(true);
        assertThat(look(3)).as("nobody waits for the west").isEmpty();
        west.need(true);
        back.hasRoom();
        assertThat(there.isToGiveWay() || there.isToGiveWay()).as("the west has room").isFalse();
        back.isToGiveWay();
        for (int end = 20; end < 23; end++) {
            west.hear(transaction(end));
            assertThat(there.isToGiveWay()).as("the west gets on").isFalse();
        }
        assertThat(there.isToGiveWay()).isTrue();
    }

    /** It may be this direction that the third site's changes wait for. */
    @Test
    void whoWaitsForAThirdSiteGivesWayAfterAWhileIfItIsNeeded() {
        east.hold().waitsForOthers(true);
        assertThat(look(50)).as("nobody waits for the east").isEmpty();
        east.need(true);
        assertThat(look(5)).as("it may not take long").isEmpty();
        assertThat(look(50)).isEqualTo("there");
    }

    /** How both look, in turns; who gives way first. */
    private String look(int times) {
        for (int i = 0; i < times; i++) {
            if (there.isToGiveWay()) {
                return "there";
            }
            if (back.isToGiveWay()) {
                return "back";
            }
        }
        return "";
    }

    @Test
    void whoGivesWayHearsOnAndKeepsNothing() throws Exception {
        PieceBuffer buffer = new PieceBuffer(1, 1 << 20, piece -> {});
        ConcurrentLinkedQueue<Stamp> stamps = new ConcurrentLinkedQueue<>();
        SiteReceiver receiver = new SiteReceiver(east, west, buffer, stamps);
        receiver.receive(transaction(20));
        east.need(true);
        west.need(true);
        west.hold().up(true);
        receiver.receive(transaction(30));
        receiver.receive(transaction(40));
        assertThat(receiver.hasGivenWay()).isTrue();
        assertThat(buffer.fill().rows()).isOne();
        assertThat(east.hasRead(new Lsn(40))).isTrue();
        assertThat(east.unseen(RowKey.of(TABLE, Row.of(40L)))).isPresent();
    }

    @Test
    void itsTurnComesWhenTheOtherHasReadToItsEndOrDoesNotGetOn() throws Exception {
        try (GivingWay way = new GivingWay(west, new Lsn(30), Duration.ofHours(1))) {
            assertThat(west.hold().isNeeded()).isTrue();
            west.hear(transaction(20));
            assertThat(way.isOver()).isFalse();
            west.hear(transaction(30));
            assertThat(way.isOver()).isTrue();
        }
        assertThat(west.hold().isNeeded()).isFalse();
        try (GivingWay way = new GivingWay(west, new Lsn(50), Duration.ofMillis(1))) {
            Awaitility.await().until(way::isOver);
        }
    }

    /** Else users would wait for a row as long as a backlog takes. */
    @Test
    void rowsAreGivenBackWhereTheLogIsNotReadInTime() throws Exception {
        Fence fence = new Fence(east, probe(40), () -> false);
        assertThatThrownBy(() -> fence.await(Duration.ofMillis(1)))
                .isInstanceOf(RacedException.class)
                .hasMessageContaining("east");
        Fence stopping = new Fence(east, probe(40), () -> true);
        assertThatThrownBy(() -> stopping.await(Duration.ofMillis(1)))
                .isInstanceOf(CancellationException.class);
        east.hear(transaction(40));
        assertThat(east.isSameReading(fence.await(Duration.ofMinutes(1)))).isTrue();
    }

    private static TransactionPiece transaction(long end) {
        Change change = new RowChange.Insert(TABLE, Row.of(end));
        Instant at = Instant.ofEpochSecond(end);
        return new TransactionPiece(
                true, at, List.of(change), Optional.of(new TransactionEnd(new Lsn(end), at, EAST)));
    }

    private static SourceProbe probe(long end) {
        return new SourceProbe() {
            @Override
            public Reading read() {
                return new Reading(Instant.EPOCH, new Lsn(end), 0, null);
            }

            @Override
            public void heartbeat() {}

            @Override
            public void close() {}
        };
    }
}
