package io.sluice.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class GtidSetTest {

    private static final String A = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
    private static final String B = "b0d9b9a5-30b0-11ec-8ca9-0242ac110002";

    @Test
    void readsWhatMySqlWrites() {
        assertThat(GtidSet.parse("").isEmpty()).isTrue();
        assertThat(GtidSet.parse(A.toUpperCase(java.util.Locale.ROOT) + ":1-5:7,\n" + B + ":9"))
                .isEqualTo(GtidSet.parse(B + ":9," + A + ":7:1-5"))
                .returns(A + ":1-5:7," + B + ":9", GtidSet::text);
    }

    @Test
    void runsThatTouchBecomeOne() {
        assertThat(GtidSet.parse(A + ":1-3:5:4").text()).isEqualTo(A + ":1-5");
        assertThat(GtidSet.parse(A + ":1-3").plus(GtidSet.parse(A + ":9")).text())
                .isEqualTo(A + ":1-3:9");
    }

    @Test
    void aTagIsASourceOfItsOwn() {
        GtidSet tagged = GtidSet.parse(A + ":1-5:gw:1-3:8," + B + ":2");
        assertThat(tagged).isEqualTo(GtidSet.parse(tagged.text()));
        assertThat(tagged.containsAll(GtidSet.parse(A + ":gw:2"))).isTrue();
        assertThat(tagged.containsAll(GtidSet.parse(A + ":gw:4"))).isFalse();
        assertThat(GtidSet.parse(A + ":1-9").containsAll(GtidSet.parse(A + ":gw:2"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", A, A + ":", A + ":0", A + ":5-2", A + ":1-", ":1", A + ":-1"})
    void refusesWhatIsNone(String text) {
        assertThatThrownBy(() -> GtidSet.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void agreesWithSetsOfNumbers() {
        SplittableRandom random = new SplittableRandom(42);
        for (int round = 0; round < 2_000; round++) {
            Set<Long> one = numbers(random);
            Set<Long> other = numbers(random);
            Set<Long> both = new HashSet<>(one);
            both.addAll(other);
            Set<Long> rest = new HashSet<>(one);
            rest.removeAll(other);
            GtidSet first = set(one);
            GtidSet second = set(other);
            assertThat(first.plus(second)).isEqualTo(set(both));
            assertThat(first.minus(second)).isEqualTo(set(rest));
            assertThat(first.containsAll(second)).isEqualTo(one.containsAll(other));
        }
    }

    private static Set<Long> numbers(SplittableRandom random) {
        Set<Long> numbers = new HashSet<>();
        for (int i = random.nextInt(12); i > 0; i--) {
            numbers.add(1 + random.nextLong(20));
        }
        return numbers;
    }

    private static GtidSet set(Set<Long> numbers) {
        GtidSet set = GtidSet.EMPTY;
        for (long number : numbers) {
            set = set.plus(GtidSet.parse(A + ":" + number));
        }
        return set;
    }
}
