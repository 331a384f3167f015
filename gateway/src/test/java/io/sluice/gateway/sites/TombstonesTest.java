package io.sluice.gateway.sites;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.Origin;
import io.sluice.conflict.Seen;
import io.sluice.conflict.Version;
import io.sluice.conflict.VersionText;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.SiteSession;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is forgotten at NORTH, where EAST and WEST apply, with {@code tombstones: 8h}. */
final class TombstonesTest {

    private static final Origin EAST = new Origin("east");
    private static final Origin WEST = new Origin("west");
    private static final Origin NORTH = new Origin("north: 1");
    private static final Duration KEEP = Duration.ofHours(8);
    private static final Duration STEP = Duration.ofSeconds(30);

    private final Arrivals arrivals = new Arrivals(Set.of(EAST, WEST), false);
    private final List<String> warnings = new ArrayList<>();
    private final Map<Origin, Long> written = new HashMap<>();
    private SiteSession.Memory stored = new SiteSession.Memory("", "");
    private @Nullable HybridTimestamp forgotten;
    private long nanos = 5;
    private long time;
    private Tombstones tombstones = begun();

    private Tombstones begun() {
        return new Tombstones(
                NORTH, KEEP, arrivals, () -> Instant.EPOCH, () -> nanos, warnings::add);
    }

    /** Of a session, only what is asked for here. */
    private final SiteSession session =
            (SiteSession)
                    Proxy.newProxyInstance(
                            SiteSession.class.getClassLoader(),
                            new Class<?>[] {SiteSession.class},
                            (proxy, method, arguments) ->
                                    switch (method.getName()) {
                                        case "memory" -> stored;
                                        case "remember" -> {
                                            stored = (SiteSession.Memory) arguments[0];
                                            yield null;
                                        }
                                        case "forget" -> {
                                            forgotten = (HybridTimestamp) arguments[0];
                                            yield null;
                                        }
                                        default -> throw new AssertionError(method.getName());
                                    });

    /** Each site that is there writes, has seen all others, and that comes here. */
    private void pass(Duration duration, Origin... there) {
        for (Duration left = duration; left.isPositive(); left = left.minus(STEP)) {
            nanos += STEP.toNanos();
            time++;
            written.put(NORTH, time);
            for (Origin site : there) {
                written.put(site, time);
            }
            for (Origin site : there) {
                arrivals.durable(site, stamp(site));
            }
            tombstones.heard();
            round().ifPresent(tombstones::done);
        }
    }

    private Optional<Tombstones.Round> round() {
        return tombstones.round(session, at(time), seen(written));
    }

    private Stamp stamp(Origin site) {
        return new Stamp(new Version(at(time), site), seen(written));
    }

    private void require(Stamp stamp) {
        tombstones.require(VersionText.seen(stored.forgotten()), stamp);
    }

    @Test
    void whatOneSiteHasNotSeenIsForgottenOnceItHasBeenAwayForLongEnough() {
        arrivals.flows(EAST, null);
        arrivals.flows(WEST, null);
        pass(Duration.ofHours(20), EAST, WEST);
        assertThat(forgotten).as("while both are there").isNull();
        assertThat(warnings).isEmpty();

        Stamp last = stamp(WEST);
        arrivals.ends(WEST);
        pass(Duration.ofMinutes(230), EAST);
        assertThat(warnings).as("before half of the time").isEmpty();
        pass(Duration.ofMinutes(240), EAST);
        assertThat(warnings).as("once an hour").hasSize(4);
        assertThat(warnings.getLast()).contains("north: 1", "west", "0 d 7 h", "refused");
        assertThat(forgotten).as("before the time is over").isNull();
        require(last);

        pass(Duration.ofMinutes(60), EAST);
        assertThat(forgotten).isNotNull();
        assertThatThrownBy(() -> require(last))
                .asInstanceOf(type(ConnectorException.class))
                .returns(ErrorClass.FATAL, ConnectorException::errorClass)
                .extracting(Throwable::getMessage)
                .asString()
                .contains("west was away for longer than `tombstones` (0 d 8 h)", "copy it again");
        assertThat(warnings.getLast()).contains("are forgotten");
        require(stamp(EAST));
        assertThatCode(() -> require(stamp(WEST)))
                .as("what knows it all")
                .doesNotThrowAnyException();
    }

    /** What it wrote may have come here alone; who waits for that would wait for ever. */
    @Test
    void whoeverIsThereIsNotRefusedForWhatOneThatIsAwayHasNotToldIt() {
        arrivals.flows(EAST, null);
        arrivals.flows(WEST, null);
        pass(Duration.ofHours(1), EAST, WEST);
        time++;
        Map<Origin, Long> lacking = new HashMap<>(written);
        written.put(WEST, time); // has come here, and not to the east
        arrivals.durable(WEST, stamp(WEST));
        arrivals.ends(WEST);
        for (int i = 0; i < 9 * 120; i++) {
            nanos += STEP.toNanos();
            time++;
            for (Origin site : List.of(NORTH, EAST)) {
                written.put(site, time);
                lacking.put(site, time);
            }
            arrivals.durable(EAST, new Stamp(new Version(at(time), EAST), seen(lacking)));
            tombstones.heard();
            round().ifPresent(tombstones::done);
        }
        assertThat(forgotten).isNotNull();
        require(new Stamp(new Version(at(time), EAST), seen(lacking)));
        assertThatThrownBy(() -> require(new Stamp(new Version(at(time), WEST), Seen.NOTHING)))
                .isInstanceOf(ConnectorException.class);
    }

    @Test
    void nothingIsForgottenThatASiteHasNotSeenWhichIsThere() {
        arrivals.flows(EAST, null);
        arrivals.flows(WEST, null);
        pass(Duration.ofHours(30), EAST);
        assertThat(forgotten).isNull();
        assertThat(warnings.getLast()).contains("west", "not away");
    }

    /** Its first rows may take longer to copy than that. */
    @Test
    void aSiteThatHasNotBegunIsNotAway() {
        arrivals.flows(EAST, null);
        pass(Duration.ofHours(30), EAST);
        assertThat(forgotten).isNull();
    }

    /** The sites wrote meanwhile, without hearing of each other: none of them was away. */
    @Test
    void theTimeInWhichNoGatewayRunsIsNotCountedAndAllElseOutlivesIt() {
        arrivals.flows(EAST, null);
        arrivals.flows(WEST, null);
        pass(Duration.ofHours(1), EAST, WEST);
        arrivals.ends(WEST);
        pass(Duration.ofHours(4), EAST);
        nanos += Duration.ofDays(300).toNanos();
        tombstones = begun();
        pass(Duration.ofMinutes(200), EAST);
        assertThat(forgotten).isNull();
        pass(Duration.ofMinutes(60), EAST);
        assertThat(forgotten).isNotNull();
    }

    @Test
    void whatWasUndoneIsDoneAgain() {
        arrivals.flows(EAST, null);
        arrivals.flows(WEST, null);
        pass(Duration.ofHours(1), EAST, WEST);
        arrivals.ends(WEST);
        pass(Duration.ofHours(7), EAST);
        nanos += Duration.ofMinutes(20).toNanos();
        tombstones.heard();
        SiteSession.Memory before = stored;
        for (int i = 0; i < 3; i++) {
            Tombstones.Round round = round().orElseThrow();
            assertThat(round.taken()).as("of a silence").isEqualTo(Duration.ofMinutes(1));
            stored = before;
            tombstones.undone(round);
        }
        pass(Duration.ofMinutes(90), EAST);
        assertThat(forgotten).isNotNull();
    }

    @Test
    void whatIsRememberedIsReadAsItWasWritten() {
        SiteMemory memory =
                SiteMemory.of(new SiteSession.Memory("", ""))
                        .after(Duration.ofMillis(3), Set.of(NORTH, EAST))
                        .with(new HybridTimestamp(7, 2), Seen.NOTHING, STEP)
                        .with(new HybridTimestamp(7, 3), Seen.NOTHING, STEP)
                        .after(Duration.ofDays(9), Set.of(EAST))
                        .with(at(9), seen(Map.of(NORTH, 4L, EAST, 5L)), STEP);
        assertThat(memory.moments()).hasSize(2);
        assertThat(SiteMemory.of(memory.stored())).isEqualTo(memory);
        SiteMemory many = memory;
        for (int i = 0; i < 1_000; i++) {
            many = many.after(STEP, Set.of()).with(at(10), Seen.NOTHING, STEP);
        }
        assertThat(many.moments()).hasSizeBetween(50, 101).startsWith(memory.moments().getFirst());
        SiteMemory less = memory.forgetting(memory.moments().getLast());
        assertThat(less.moments()).isEmpty();
        assertThat(less.forgotten()).isEqualTo(seen(Map.of(EAST, 5L)));
        assertThat(SiteMemory.of(less.stored())).isEqualTo(less);
    }

    private static Seen seen(Map<Origin, Long> upTo) {
        Map<Origin, HybridTimestamp> times = new HashMap<>();
        upTo.forEach((site, micros) -> times.put(site, at(micros)));
        return new Seen(times);
    }

    private static HybridTimestamp at(long micros) {
        return new HybridTimestamp(micros, 0);
    }
}
