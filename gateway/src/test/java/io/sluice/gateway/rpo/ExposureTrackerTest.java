package io.sluice.gateway.rpo;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.rpo.Exposure.Basis;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ExposureTrackerTest {

    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private final AtomicLong nanos = new AtomicLong();
    private final ExposureTracker tracker = new ExposureTracker(Duration.ofSeconds(4), nanos::get);

    @Test
    void nothingIsKnownBeforeTheFirstProof() {
        assertThat(tracker.at(NOON)).isEqualTo(new Exposure(Basis.UNKNOWN, null, 0));
        tracker.received(NOON);
        assertThat(tracker.at(NOON).age()).isNull();
    }

    @Test
    void theOldestTransactionUnderWayCounts() {
        tracker.proved(NOON);
        tracker.received(NOON.plusSeconds(1));
        tracker.received(NOON.plusSeconds(3));
        assertThat(tracker.at(NOON.plusSeconds(4)))
                .isEqualTo(new Exposure(Basis.MEASURED, Duration.ofSeconds(3), 2));
        tracker.durable(1, NOON.plusSeconds(1));
        assertThat(tracker.at(NOON.plusSeconds(4)))
                .isEqualTo(new Exposure(Basis.MEASURED, Duration.ofSeconds(1), 1));
    }

    @Test
    void idleIsZeroAsLongAsHeartbeatsComeThrough() {
        tracker.received(NOON);
        tracker.durable(1, NOON);
        assertThat(tracker.at(NOON.plusSeconds(4)))
                .isEqualTo(new Exposure(Basis.IDLE, Duration.ZERO, 0));
    }

    @Test
    void withoutHeartbeatsItGrowsWithTheClockFromTheLastProof() {
        tracker.proved(NOON);
        assertThat(tracker.at(NOON.plusSeconds(5)))
                .isEqualTo(new Exposure(Basis.BLIND, Duration.ofSeconds(5), 0));
        assertThat(tracker.at(NOON.plusSeconds(3600)).age()).isEqualTo(Duration.ofHours(1));
    }

    @Test
    void aRestartDoesNotMakeWhatWasUnderWayLookSafe() {
        tracker.proved(NOON);
        tracker.received(NOON.plusSeconds(1));
        tracker.restarted();
        assertThat(tracker.at(NOON.plusSeconds(30)))
                .isEqualTo(new Exposure(Basis.MEASURED, Duration.ofSeconds(29), 0));
        tracker.received(NOON.plusSeconds(1));
        tracker.durable(1, NOON.plusSeconds(1));
        assertThat(tracker.at(NOON.plusSeconds(2)).basis()).isEqualTo(Basis.IDLE);
    }

    @Test
    void aClockThatRunsBackwardsNeverMakesItNegative() {
        tracker.proved(NOON);
        tracker.received(NOON.plusSeconds(1));
        assertThat(tracker.at(NOON).age()).isEqualTo(Duration.ZERO);
    }

    @Test
    void aSourcesClockThatWasSetBackDoesNotMakeAnOldProofLookFresh() {
        tracker.proved(NOON);
        nanos.addAndGet(Duration.ofSeconds(90).toNanos());
        Instant setBack = NOON.minusSeconds(600).plusSeconds(90);
        assertThat(tracker.at(setBack))
                .isEqualTo(new Exposure(Basis.BLIND, Duration.ofSeconds(90), 0));
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
