package io.sluice.gateway.sites;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.rpo.ClockOffset;
import io.sluice.gateway.system.LogCapture;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ClockLinesTest {

    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private final LogCapture log = new LogCapture();
    private final ClockLines lines =
            new ClockLines("orders", "north", "south", Duration.ofSeconds(10));

    @AfterEach
    void close() {
        log.close();
    }

    private List<String> said() {
        return log.text().lines().filter(line -> line.startsWith("orders: ")).toList();
    }

    /** Both clocks are asked, north's answer takes ten milliseconds. */
    private void look(Duration north, Duration south, Instant now) {
        ClockOffset first = new ClockOffset();
        first.sample(now, now.plusMillis(10), now.plusMillis(5).plus(north));
        ClockOffset second = new ClockOffset();
        second.sample(now, now, now.plus(south));
        lines.look(Optional.of(ClockSkew.between(first, second)), now);
    }

    private void look(double north, Instant now) {
        look(Duration.ofMillis(Math.round(north * 1000)), Duration.ZERO, now);
    }

    @Test
    void theGatewaysOwnClockDoesNotMatter() {
        look(Duration.ofHours(5), Duration.ofHours(5).minusSeconds(9), NOON);
        assertThat(said()).isEmpty();
        look(Duration.ofHours(5), Duration.ofHours(5).minusSeconds(12), NOON);
        assertThat(said())
                .containsExactly(
                        "orders: The clock of north is 12.000 s ahead of that of south, give or take 0.005 s: more than maxClockSkew (10.000 s). Where the later write wins, what south writes loses against what north wrote up to 12.000 s before. Set the clocks right.");
    }

    @Test
    void theSiteThatIsBehindLoses() {
        look(-12, NOON);
        assertThat(said()).hasSize(1);
        assertThat(said().getFirst())
                .contains("The clock of south is 12.000 s ahead of that of north")
                .contains("what north writes loses against what south wrote");
    }

    @Test
    void itIsSaidWhenItBeginsOnceAnHourAndWhenItIsOver() {
        look(11, NOON);
        look(11, NOON.plusSeconds(1));
        look(-20, NOON.plusSeconds(3599));
        assertThat(said()).hasSize(1);
        look(-21, NOON.plusSeconds(3600));
        assertThat(said()).hasSize(2);
        assertThat(said().getLast()).contains("21.000 s");
        look(3, NOON.plusSeconds(3601));
        look(3, NOON.plusSeconds(9000));
        assertThat(said()).hasSize(3);
        assertThat(said().getLast())
                .isEqualTo(
                        "orders: the clocks of north and south are 3.000 s apart, which is within maxClockSkew again.");
        look(11, NOON.plusSeconds(9001));
        assertThat(said()).hasSize(4);
    }

    @Test
    void nothingIsSaidOfWhatTheMeasurementDoesNotTell() {
        look(10.004, NOON);
        assertThat(said()).isEmpty();
        look(10.006, NOON);
        assertThat(said()).hasSize(1);
        look(9.5, NOON.plusSeconds(1)); // about the limit, and neither over nor worth a word
        look(9.5, NOON.plusSeconds(4000));
        lines.look(Optional.empty(), NOON.plusSeconds(5000));
        assertThat(said()).hasSize(1);
        look(9, NOON.plusSeconds(5001));
        assertThat(said()).hasSize(2);
    }
}
