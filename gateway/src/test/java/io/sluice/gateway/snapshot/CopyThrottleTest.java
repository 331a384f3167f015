package io.sluice.gateway.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.connectors.spi.ReplicaLag;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What holds a copy back, with clocks of the test's own. */
class CopyThrottleTest {

    private static final long MEBIBYTE = 1 << 20;
    private static final long SECOND = 1_000_000_000;

    @Test
    void takersOfAnySizesKeepTheRateTogether() {
        AtomicLong now = new AtomicLong(42);
        TokenBucket bucket = new TokenBucket(MEBIBYTE, now::get);
        SplittableRandom sizes = new SplittableRandom(1);
        long[] free = new long[4]; // when each of four takers has paid
        long taken = 0;
        for (int i = 0; i < 1_000; i++) {
            int taker = 0;
            for (int n = 1; n < free.length; n++) {
                taker = free[n] < free[taker] ? n : taker;
            }
            now.set(Math.max(now.get(), free[taker]));
            int size = sizes.nextInt(1, 200_000);
            taken += size;
            free[taker] = now.get() + bucket.take(size);
        }
        double seconds = (now.get() - 42) / 1e9;
        assertThat(taken / seconds).isBetween(0.97 * MEBIBYTE, 1.03 * MEBIBYTE);
    }

    @Test
    void aRestSavesUpForATenthOfASecondAndNoMore() {
        AtomicLong now = new AtomicLong();
        TokenBucket bucket = new TokenBucket(1_000, now::get);
        now.addAndGet(60 * SECOND);
        assertThat(bucket.take(100)).isZero();
        assertThat(bucket.take(500)).isEqualTo(SECOND / 2);
        now.addAndGet(SECOND / 2);
        assertThat(bucket.take(1)).isEqualTo(SECOND / 1_000);
    }

    @Test
    void aSlowTargetHalvesTheWorkersAndAQuickOneTakesThemBackOneByOne() {
        WorkerPace pace = new WorkerPace(8);
        look(pace, 3, 100);
        look(pace, 1, 299);
        assertThat(pace.allowed()).isEqualTo(8);
        look(pace, 1, 1_000);
        assertThat(pace.allowed()).isEqualTo(4);
        look(pace, 4, 1_000);
        assertThat(pace.allowed()).isEqualTo(1);
        look(pace, 3, 100);
        assertThat(pace.allowed()).isEqualTo(4);
        look(pace, 20, 100);
        assertThat(pace.allowed()).isEqualTo(8);
    }

    @Test
    void aTargetThatStaysSlowerIsTakenAsItIs() {
        WorkerPace pace = new WorkerPace(4);
        look(pace, 3, 100);
        look(pace, 200, 400);
        assertThat(pace.allowed()).isEqualTo(4);
    }

    @Test
    void littleDataIsNoMeasure() {
        WorkerPace pace = new WorkerPace(4);
        look(pace, 3, 100);
        pace.wrote(1_000, 60 * SECOND);
        assertThat(pace.allowed()).isEqualTo(4);
    }

    private static void look(WorkerPace pace, int times, long millisPerMebibyte) {
        for (int i = 0; i < times; i++) {
            pace.wrote(8 * MEBIBYTE, 8 * millisPerMebibyte * 1_000_000);
        }
    }

    @Test
    void onlyALagBeyondTheBoundPauses() {
        Duration most = Duration.ofSeconds(10);
        assertThat(LagWatch.reason(Optional.empty(), most)).isNull();
        assertThat(LagWatch.reason(lag(10_000), most)).isNull();
        assertThat(LagWatch.reason(lag(10_500), most))
                .isEqualTo("eu_1 lags 10.5 s behind, more than 10.0 s");
    }

    private static Optional<ReplicaLag> lag(long millis) {
        return Optional.of(new ReplicaLag("eu_1", Duration.ofMillis(millis)));
    }

    @Test
    void noPartIsBegunWhilePausedAndNoneAfterTheEnd() throws InterruptedException {
        AtomicBoolean ended = new AtomicBoolean();
        CopyThrottle throttle = new CopyThrottle(1, 0, ended::get);
        assertThat(throttle.enter(() -> false)).isTrue();
        throttle.leave();
        throttle.pause(true);
        AtomicBoolean entered = new AtomicBoolean();
        Thread waiting = Thread.ofVirtual().start(() -> entered.set(throttle.enter(() -> false)));
        assertThat(waiting.join(Duration.ofMillis(300))).isFalse();
        throttle.pause(false);
        waiting.join();
        assertThat(entered).isTrue();
        Thread second = Thread.ofVirtual().start(() -> entered.set(throttle.enter(() -> false)));
        assertThat(second.join(Duration.ofMillis(300))).as("one worker at most").isFalse();
        assertThat(throttle.enter(() -> true)).as("nothing is left to wait for").isFalse();
        ended.set(true);
        second.join();
        assertThat(entered).isFalse();
    }
}
