package io.sluice.gateway.keybased;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.connectors.spi.TableReader.Running;
import io.sluice.connectors.spi.TableReader.Sounding;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MarksTest {

    private static final Running NOBODY = new Running(true, Set.of(), false, null);

    private final Marks marks = new Marks(Duration.ofMillis(10), true);

    @Test
    void aSoundingIsSettledWhenAllWhoRanAreOver() {
        marks.add(sounding(running("1", "2"), 7L, 1L), 0);

        assertThat(marks.settled(running("2", "3"), millis(500))).isEmpty();
        assertThat(marks.settled(running("3"), millis(501))).hasValue(List.of(7L, 1L));
        assertThat(marks.settled(NOBODY, millis(502))).isEmpty();
    }

    @Test
    void notBeforeTheOverlapHasPassed() {
        marks.add(sounding(NOBODY, 7L, 1L), 0);

        assertThat(marks.settled(NOBODY, millis(9))).isEmpty();
        assertThat(marks.settled(NOBODY, millis(10))).isPresent();
    }

    @Test
    void whoDoesNotTellHasTheOverlapAlone() {
        marks.add(sounding(Running.UNKNOWN, 7L, 1L), 0);

        assertThat(marks.settled(Running.UNKNOWN, millis(10))).isPresent();
    }

    @Test
    void aPreparedTransactionMayBeAnyOfThoseThatRan() {
        marks.add(sounding(NOBODY, 7L, 1L), 0);

        assertThat(marks.settled(new Running(true, Set.of(), true, null), millis(500))).isEmpty();
        assertThat(marks.settled(NOBODY, millis(500))).isPresent();
    }

    @Test
    void theLastOfSeveralCounts() {
        marks.add(sounding(running("1"), 7L, 1L), 0);
        marks.add(sounding(running("1", "2"), 8L, 1L), millis(20));
        marks.add(sounding(running("2", "3"), 9L, 1L), millis(40));

        assertThat(marks.settled(running("3"), millis(100))).hasValue(List.of(8L, 1L));
    }

    @Test
    void aValueThatOthersMayGetTooIsLeftOutUntilItHasStoodForASecond() {
        Marks shared = new Marks(Duration.ofMillis(10), false);
        shared.add(sounding(NOBODY, 7L, 1L), 0);
        assertThat(shared.settled(NOBODY, millis(20))).hasValue(List.of(7L));

        shared.add(sounding(NOBODY, 7L, 2L), millis(1000));
        assertThat(shared.settled(NOBODY, millis(1020))).hasValue(List.of(7L));

        shared.add(sounding(NOBODY, 7L, 3L), millis(1030));
        assertThat(shared.settled(NOBODY, millis(1050))).hasValue(List.of(7L, 3L));

        shared.add(sounding(NOBODY, 8L, 1L), millis(1060));
        assertThat(shared.settled(NOBODY, millis(1100))).hasValue(List.of(8L));
    }

    @Test
    void soundingsBehindATransactionThatStaysOpenAreBounded() {
        for (long i = 0; i < 10_000; i++) {
            marks.add(sounding(running("1"), i, 1L), millis(i));
        }
        assertThat(marks.isSettled(running("1"), millis(20_000))).isFalse();

        List<Object> last = marks.settled(NOBODY, millis(20_000)).orElseThrow();
        assertThat((Long) last.getFirst()).isGreaterThan(9_000);
    }

    @Test
    void whoRanIsForgottenWhereNobodyTellsAnyMore() {
        marks.add(sounding(running("1"), 7L, 1L), 0);

        assertThat(marks.isSettled(Running.UNKNOWN, millis(500))).isFalse();
        assertThat(marks.settled(Running.UNKNOWN, millis(500))).isEmpty();
        marks.add(sounding(Running.UNKNOWN, 8L, 1L), millis(500));
        assertThat(marks.settled(Running.UNKNOWN, millis(600))).hasValue(List.of(8L, 1L));
    }

    @Test
    void onAStandbyTheOverlapPassesWithTheReplay() {
        marks.add(sounding(replayed(1_000), 7L, 1L), 0);

        assertThat(marks.settled(replayed(1_009), millis(500))).isEmpty();
        assertThat(marks.settled(replayed(1_010), millis(501))).isPresent();

        marks.add(sounding(replayed(2_000), 8L, 1L), millis(600));
        assertThat(marks.settled(NOBODY, millis(700))).as("it was promoted").isEmpty();
    }

    private static Running replayed(long millis) {
        return Running.standby(Instant.ofEpochMilli(millis));
    }

    @Test
    void anEmptyTableHasNoPlaceToSettle() {
        marks.add(new Sounding(Instant.EPOCH, List.of(), NOBODY), 0);

        assertThat(marks.settled(NOBODY, millis(500))).isEmpty();
    }

    private static Sounding sounding(Running running, Object... top) {
        return new Sounding(Instant.EPOCH, List.of(top), running);
    }

    private static Running running(String... transactions) {
        return new Running(true, Set.of(transactions), false, null);
    }

    private static long millis(long millis) {
        return millis * 1_000_000;
    }
}
