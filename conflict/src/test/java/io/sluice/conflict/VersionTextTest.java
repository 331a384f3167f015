package io.sluice.conflict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.Origin;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class VersionTextTest {

    @Test
    void whatIsWrittenIsReadAgainWhateverNamesHold() {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 500; i++) {
            RowVersion row = row(random);
            assertThat(VersionText.rowVersion(VersionText.of(row)))
                    .as("seed %d", seed)
                    .isEqualTo(row);
            Seen seen =
                    new Seen(
                            Map.of(
                                    new Origin("a" + name(random)), time(random),
                                    new Origin("b"), time(random)));
            assertThat(VersionText.seen(VersionText.of(seen))).as("seed %d", seed).isEqualTo(seen);
        }
        assertThat(VersionText.seen(VersionText.of(Seen.NOTHING))).isEqualTo(Seen.NOTHING);
    }

    /** What is stored outlives the gateway that stored it. */
    @Test
    void theFormStays() {
        Version born = new Version(new HybridTimestamp(5, 0), new Origin("us east"));
        Version last = new Version(new HybridTimestamp(7, 2), new Origin("west"));
        RowVersion row =
                new RowVersion(
                        born, last, last.at(), Version.NONE, true, Map.of("tags\u001fa=b", born));
        assertThat(VersionText.of(row))
                .isEqualTo("5@us%0020east 7.2@west 7.2 0@- deleted tags%001fa%003db=5@us%0020east");
        assertThat(VersionText.of(Seen.NOTHING.with(last).with(born)))
                .isEqualTo("us%0020east=5 west=7.2");
    }

    @Test
    void anotherFormIsRefused() {
        assertThatThrownBy(() -> VersionText.rowVersion("5@a 5@a 5 0 perhaps"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> VersionText.version("5"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static RowVersion row(SplittableRandom random) {
        Version one = new Version(time(random), new Origin(name(random)));
        Version other = new Version(time(random), new Origin(name(random)));
        Version last = one.max(other);
        return new RowVersion(
                last.equals(one) ? other : one,
                last,
                time(random),
                random.nextBoolean() ? Version.NONE : other,
                random.nextBoolean(),
                random.nextBoolean() ? Map.of() : Map.of(name(random), one, "x y", other));
    }

    private static HybridTimestamp time(SplittableRandom random) {
        return new HybridTimestamp(random.nextLong(1L << 52), random.nextInt(3));
    }

    private static String name(SplittableRandom random) {
        String signs = "ab =@%+/\u001f\u00fc\ud83d\ude00\n";
        StringBuilder name = new StringBuilder();
        for (int i = random.nextInt(6); i >= 0; i--) {
            int at =
                    signs.offsetByCodePoints(
                            0, random.nextInt(signs.codePointCount(0, signs.length())));
            name.appendCodePoint(signs.codePointAt(at));
        }
        return name.toString();
    }
}
