package io.sluice.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RateLimitTest {

    private final AtomicLong now = new AtomicLong();
    private final RateLimit rate = new RateLimit(10, 2, now::get);

    @Test
    void soManyAtOnceAndSoManyASecondForEachAddress() {
        assertThat(served("a", 100)).isEqualTo(10);
        assertThat(served("b", 5)).isEqualTo(5);
        now.addAndGet(Duration.ofSeconds(3).toNanos());
        assertThat(served("a", 100)).isEqualTo(6);
        now.addAndGet(Duration.ofDays(1).toNanos());
        assertThat(served("a", 100)).as("never more than at once").isEqualTo(10);
    }

    @Test
    void addressesThatWereNotSeenForLongAreForgotten() {
        assertThat(served("a", 100)).isEqualTo(10);
        IntStream.range(0, 2_000).forEach(n -> rate.take("other " + n));
        assertThat(served("a", 100)).isEqualTo(10);
    }

    private long served(String address, int asked) {
        return IntStream.range(0, asked).filter(n -> rate.take(address)).count();
    }
}
