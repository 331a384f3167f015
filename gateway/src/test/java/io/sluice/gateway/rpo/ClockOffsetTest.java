package io.sluice.gateway.rpo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ClockOffsetTest {

    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private final ClockOffset offset = new ClockOffset();

    @Test
    void withoutASampleTheClocksAreTakenToAgree() {
        assertThat(offset.theirs(NOON)).isEqualTo(NOON);
    }

    @Test
    void theAnswerIsTakenToBeFromTheMiddleOfTheRoundTrip() {
        offset.sample(NOON, NOON.plusMillis(20), NOON.plusSeconds(5).plusMillis(10));
        assertThat(offset.offset()).isEqualTo(Duration.ofSeconds(5));
        assertThat(offset.theirs(NOON)).isEqualTo(NOON.plusSeconds(5));
    }

    @Test
    void theSampleWithTheShortestRoundTripCounts() {
        offset.sample(NOON, NOON.plusSeconds(2), NOON.minusMillis(1500));
        offset.sample(NOON, NOON.plusMillis(2), NOON.plusMillis(1).minusSeconds(3));
        offset.sample(NOON, NOON.plusSeconds(4), NOON);
        assertThat(offset.offset()).isEqualTo(Duration.ofSeconds(-3));
        assertThat(offset.uncertainty()).isEqualTo(Duration.ofMillis(1));
    }

    @Test
    void aStepOfTheClockIsFollowedAtOnce() {
        offset.sample(NOON, NOON.plusNanos(10), NOON);
        offset.sample(NOON, NOON.plusMillis(2), NOON.plusMillis(1).plusSeconds(60));
        assertThat(offset.offset()).isEqualTo(Duration.ofSeconds(60));
    }

    @Test
    void aSampleDuringWhichTheGatewaysClockWentBackDoesNotCount() {
        offset.sample(NOON, NOON.minusSeconds(1), NOON.plusSeconds(60));
        assertThat(offset.offset()).isEqualTo(Duration.ZERO);
    }
}
