package io.sluice.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class HybridTimestampTest {

    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00.000001Z");

    @Test
    void followsTheClockWhileItGoesForward() {
        HybridTimestamp first = HybridTimestamp.ZERO.next(NOON);

        assertThat(first).hasToString("1767268800000001");
        assertThat(first.next(NOON.plusNanos(1000))).hasToString("1767268800000002");
    }

    @Test
    void isLaterThanWhatWasSeenEvenWhereTheClockStandsOrGoesBack() {
        HybridTimestamp first = HybridTimestamp.ZERO.next(NOON);

        assertThat(first.next(NOON)).hasToString("1767268800000001.1").isGreaterThan(first);
        assertThat(first.next(NOON.minusSeconds(9)).next(Instant.EPOCH))
                .hasToString("1767268800000001.2");
        assertThat(first.next(Instant.parse("1969-12-31T23:59:59Z"))).isGreaterThan(first);
    }

    @Test
    void goesOnWhereTheCounterIsFull() {
        HybridTimestamp full = new HybridTimestamp(5, Integer.MAX_VALUE);

        assertThat(full.next(Instant.EPOCH)).isEqualTo(new HybridTimestamp(6, 0));
    }

    @Test
    void isReadFromItsText() {
        for (String text : new String[] {"0", "7", "7.3", "9223372036854775807.2147483647"}) {
            assertThat(HybridTimestamp.parse(text)).hasToString(text);
        }
        assertThatThrownBy(() -> HybridTimestamp.parse("-1"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> HybridTimestamp.parse("1.x"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theLaterIsTheLargerByClockThenByCounter() {
        assertThat(new HybridTimestamp(7, 0)).isGreaterThan(new HybridTimestamp(6, 9));
        assertThat(new HybridTimestamp(7, 1).max(new HybridTimestamp(7, 0)))
                .isEqualTo(new HybridTimestamp(7, 1));
    }
}
