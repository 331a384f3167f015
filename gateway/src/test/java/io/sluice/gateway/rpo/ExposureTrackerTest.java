package io.sluice.gateway.rpo;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.Change;
import io.sluice.change.Column;
import io.sluice.change.LogicalType;
import io.sluice.change.Lsn;
import io.sluice.change.Origin;
import io.sluice.change.Row;
import io.sluice.change.RowChange;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.change.TransactionEnd;
import io.sluice.change.TransactionPiece;
import io.sluice.gateway.rpo.Exposure.Basis;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ExposureTrackerTest {

    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private final AtomicLong nanos = new AtomicLong();
    private final ExposureTracker tracker = new ExposureTracker(Duration.ofSeconds(3), nanos::get);

    private static final TableSchema TABLE =
            new TableSchema(
                    new TableId("public", "t"),
                    List.of(new Column("id", LogicalType.TEXT)),
                    List.of(0));

    private static final Change ROW = new RowChange.Insert(TABLE, Row.of("1"));

    private static final long BYTES = piece(true, true).sizeInBytes();

    private static TransactionPiece piece(boolean first, boolean last) {
        return piece(NOON, first, last);
    }

    private static TransactionPiece piece(Instant commitTime, boolean first, boolean last) {
        return new TransactionPiece(
                first,
                commitTime,
                List.of(ROW),
                last
                        ? Optional.of(
                                new TransactionEnd(new Lsn(1), commitTime, new Origin("east")))
                        : Optional.empty());
    }

    private void received(Instant commitTime) {
        tracker.received(piece(commitTime, true, true));
    }

    private static Behind behind(int transactions) {
        return new Behind(transactions, transactions, transactions * BYTES);
    }

    @Test
    void nothingIsKnownBeforeTheFirstProof() {
        assertThat(tracker.at(NOON)).isEqualTo(new Exposure(Basis.UNKNOWN, null, Behind.NOTHING));
        received(NOON);
        assertThat(tracker.at(NOON).age()).isNull();
    }

    @Test
    void theOldestTransactionUnderWayCounts() {
        tracker.proved(NOON);
        received(NOON.plusSeconds(1));
        received(NOON.plusSeconds(3));
        assertThat(tracker.at(NOON.plusSeconds(4)))
                .isEqualTo(new Exposure(Basis.MEASURED, Duration.ofSeconds(3), behind(2)));
        tracker.durable(1, NOON.plusSeconds(1));
        assertThat(tracker.at(NOON.plusSeconds(4)))
                .isEqualTo(new Exposure(Basis.MEASURED, Duration.ofSeconds(1), behind(1)));
    }

    @Test
    void idleIsZeroAsLongAsHeartbeatsComeThrough() {
        received(NOON);
        tracker.durable(1, NOON);
        assertThat(tracker.at(NOON.plusSeconds(3)))
                .isEqualTo(new Exposure(Basis.IDLE, Duration.ZERO, Behind.NOTHING));
    }

    @Test
    void aHeartbeatThatIsOverdueCountsFromTheMomentWhenItWasDue() {
        tracker.proved(NOON);
        assertThat(tracker.at(NOON.plusSeconds(3).plusMillis(500)))
                .isEqualTo(new Exposure(Basis.IDLE, Duration.ofMillis(500), Behind.NOTHING));
        assertThat(tracker.at(NOON.plusSeconds(3).plusMillis(751)).basis()).isEqualTo(Basis.BLIND);
    }

    @Test
    void rowsAndBytesGrowWithEachPieceAndGoWithTheirTransaction() {
        tracker.proved(NOON);
        tracker.received(piece(true, false));
        tracker.received(piece(false, true));
        received(NOON.plusSeconds(1));
        assertThat(tracker.at(NOON).behind()).isEqualTo(new Behind(2, 3, 3 * BYTES));
        tracker.durable(1, NOON);
        assertThat(tracker.at(NOON).behind()).isEqualTo(behind(1));
        tracker.durable(1, NOON.plusSeconds(1));
        assertThat(tracker.at(NOON).behind()).isEqualTo(Behind.NOTHING);
    }

    @Test
    void aTransactionThatComesAgainFromItsBeginningCountsOnce() {
        tracker.proved(NOON);
        tracker.received(piece(true, false));
        tracker.received(piece(true, true));
        assertThat(tracker.at(NOON).behind()).isEqualTo(behind(1));
        tracker.durable(1, NOON);
        assertThat(tracker.at(NOON.plusSeconds(1)).basis()).isEqualTo(Basis.IDLE);
    }

    @Test
    void withoutHeartbeatsItGrowsWithTheClockFromTheLastProof() {
        tracker.proved(NOON);
        assertThat(tracker.at(NOON.plusSeconds(5)))
                .isEqualTo(new Exposure(Basis.BLIND, Duration.ofSeconds(5), Behind.NOTHING));
        assertThat(tracker.at(NOON.plusSeconds(3600)).age()).isEqualTo(Duration.ofHours(1));
    }

    @Test
    void aRestartDoesNotMakeWhatWasUnderWayLookSafe() {
        tracker.proved(NOON);
        received(NOON.plusSeconds(1));
        tracker.restarted();
        assertThat(tracker.at(NOON.plusSeconds(30)))
                .isEqualTo(new Exposure(Basis.MEASURED, Duration.ofSeconds(29), Behind.NOTHING));
        received(NOON.plusSeconds(1));
        tracker.durable(1, NOON.plusSeconds(1));
        assertThat(tracker.at(NOON.plusSeconds(2)).basis()).isEqualTo(Basis.IDLE);
    }

    @Test
    void aClockThatRunsBackwardsNeverMakesItNegative() {
        tracker.proved(NOON);
        received(NOON.plusSeconds(1));
        assertThat(tracker.at(NOON).age()).isEqualTo(Duration.ZERO);
    }

    @Test
    void aSourcesClockThatWasSetBackDoesNotMakeAnOldProofLookFresh() {
        tracker.proved(NOON);
        nanos.addAndGet(Duration.ofSeconds(90).toNanos());
        Instant setBack = NOON.minusSeconds(600).plusSeconds(90);
        assertThat(tracker.at(setBack))
                .isEqualTo(new Exposure(Basis.BLIND, Duration.ofSeconds(90), Behind.NOTHING));
        tracker.proved(setBack);
        assertThat(tracker.at(setBack.plusSeconds(1)).basis()).isEqualTo(Basis.IDLE);
    }

    @Test
    void aNewCopyMakesEarlierProofsVoid() {
        tracker.proved(NOON);
        tracker.forget();
        assertThat(tracker.at(NOON).basis()).isEqualTo(Basis.UNKNOWN);
    }
}
