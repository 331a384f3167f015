package io.sluice.gateway.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.Build;
import io.sluice.connectors.spi.SecondaryObject.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

class BuildQueueTest {

    private static final TableId A = new TableId("s", "a");
    private static final TableId B = new TableId("s", "b");
    private static final TableId C = new TableId("s", "c");

    private final Build one = new Build(Kind.INDEX, A, "one", null, false, "1");
    private final Build two = new Build(Kind.INDEX, A, "two", null, false, "2");
    private final Build unique = new Build(Kind.CONSTRAINT, A, "unique", null, true, "3");
    private final Build other = new Build(Kind.CONSTRAINT, B, "other", null, true, "4");
    private final Build toA = new Build(Kind.FOREIGN_KEY, B, "to_a", A, true, "5");
    private final Build toB = new Build(Kind.FOREIGN_KEY, A, "to_b", B, true, "6");
    private final Build toC = new Build(Kind.FOREIGN_KEY, C, "to_c", C, true, "7");

    @Test
    void whatSharesATableGoesTogetherAndWhatWantsItAloneWaits() {
        BuildQueue queue = new BuildQueue(List.of(one, unique, two, other));
        assertThat(queue.take()).isEqualTo(one);
        assertThat(queue.take()).isEqualTo(two);
        assertThat(queue.take()).isEqualTo(other);
        assertThat(queue.take()).isNull();
        queue.ended(one);
        assertThat(queue.take()).isNull();
        queue.ended(two);
        assertThat(queue.take()).isEqualTo(unique);
        queue.ended(unique);
        assertThat(queue.isDone()).isFalse();
        queue.ended(other);
        assertThat(queue.isDone()).isTrue();
    }

    @Test
    void foreignKeysWaitForAllKeysAndForEachOthersTables() {
        BuildQueue queue = new BuildQueue(List.of(toA, toB, toC, other));
        assertThat(queue.take()).isEqualTo(other);
        assertThat(queue.take()).isNull();
        queue.ended(other);
        assertThat(queue.take()).isEqualTo(toA);
        assertThat(queue.take()).isEqualTo(toC);
        assertThat(queue.take()).isNull();
        queue.ended(toA);
        assertThat(queue.take()).isEqualTo(toB);
    }

    @Test
    void whatMayPassIsTriedASecondTimeAndNotAThird() {
        BuildQueue queue = new BuildQueue(List.of(unique, other));
        assertThat(queue.take()).isEqualTo(unique);
        assertThat(queue.again(unique)).isTrue();
        assertThat(queue.take()).isEqualTo(other);
        assertThat(queue.take()).isEqualTo(unique);
        assertThat(queue.again(unique)).isFalse();
        queue.ended(unique);
        queue.ended(other);
        assertThat(queue.isDone()).isTrue();
    }
}
