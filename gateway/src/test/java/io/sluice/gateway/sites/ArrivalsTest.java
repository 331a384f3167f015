package io.sluice.gateway.sites;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.Origin;
import io.sluice.conflict.Seen;
import io.sluice.conflict.Version;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

/** What comes to NORTH, where EAST and WEST apply. */
final class ArrivalsTest {

    private static final Origin EAST = new Origin("east");
    private static final Origin WEST = new Origin("west");
    private static final Origin NORTH = new Origin("north");

    private final Arrivals arrivals = new Arrivals(Set.of(EAST, WEST), false);

    @Test
    void whatAChangesSiteHadSeenComesFirst() throws Exception {
        arrivals.flows(EAST, at(10));
        arrivals.flows(WEST, null);
        Stamp change = stamp(WEST, 30, Map.of(EAST, at(20), NORTH, at(25)));

        assertThat(arrivals.precedes(stamp(WEST, 30, Map.of(EAST, at(10))))).isTrue();
        assertThat(arrivals.precedes(change)).isFalse();
        arrivals.durable(EAST, stamp(EAST, 20, Map.of()));
        assertThat(arrivals.precedes(change)).isTrue();
        arrivals.await(change, Duration.ZERO, () -> true);
    }

    /** Else one site that is away would hold up all others. */
    @Test
    void whatDoesNotComeIsNotWaitedFor() throws Exception {
        Stamp change = stamp(WEST, 30, Map.of(EAST, at(20)));
        assertThat(arrivals.precedes(change)).as("before anything flows").isTrue();

        arrivals.flows(EAST, at(10));
        assertThatThrownBy(() -> arrivals.await(change, Duration.ofHours(1), () -> true))
                .isInstanceOf(CancellationException.class);
        arrivals.await(change, Duration.ofMillis(1), () -> false);
        assertThat(arrivals.precedes(change)).as("after it did not get on").isTrue();
        arrivals.durable(EAST, stamp(EAST, 15, Map.of()));
        assertThat(arrivals.precedes(change)).as("once it gets on").isFalse();
        arrivals.ends(EAST);
        assertThat(arrivals.precedes(change)).as("where it has ended").isTrue();
    }

    /** Policies that ask for a row's history take what came before its cause for another's. */
    @Test
    void whereAllComesInOrderNothingComesBeforeItsCauseHoweverLongThatTakes() throws Exception {
        Arrivals ordered = new Arrivals(Set.of(EAST, WEST), true);
        Stamp change = stamp(WEST, 30, Map.of(EAST, at(20)));
        ordered.await(change, Duration.ofMillis(1), () -> false);
        assertThat(ordered.precedes(change)).as("though nothing flows").isFalse();

        ordered.found(Map.of(EAST, at(20)));
        assertThat(ordered.precedes(change)).as("it is here, flow or not").isTrue();
        ordered.found(Map.of(EAST, at(10)));
        assertThat(ordered.precedes(change)).isTrue();
    }

    @Test
    void versionsAreNeededUntilEverySiteHasTold() {
        arrivals.noted(at(100), seen(Map.of(EAST, at(50), WEST, at(60), NORTH, at(100))));
        arrivals.noted(at(200), seen(Map.of(EAST, at(150), WEST, at(60), NORTH, at(200))));
        assertThat(arrivals.settled()).as("nothing is known of anybody").isEmpty();

        arrivals.durable(EAST, stamp(EAST, 300, Map.of(WEST, at(60), NORTH, at(250))));
        assertThat(arrivals.settled()).as("west may have seen nothing").isEmpty();
        arrivals.durable(WEST, stamp(WEST, 300, Map.of(EAST, at(149), NORTH, at(250))));
        assertThat(arrivals.settled()).as("west lacks something of east's").contains(at(100));
        assertThat(arrivals.settled()).isEmpty();
        arrivals.durable(WEST, stamp(WEST, 301, Map.of(EAST, at(150), NORTH, at(199))));
        assertThat(arrivals.settled()).as("west lacks something of north's").isEmpty();
        arrivals.durable(WEST, stamp(WEST, 302, Map.of(EAST, at(150), NORTH, at(200))));
        assertThat(arrivals.settled()).contains(at(200));
    }

    private static Stamp stamp(Origin site, long micros, Map<Origin, HybridTimestamp> seen) {
        Version version = new Version(at(micros), site);
        return new Stamp(version, seen(seen).with(version));
    }

    private static Seen seen(Map<Origin, HybridTimestamp> upTo) {
        return new Seen(upTo);
    }

    private static HybridTimestamp at(long micros) {
        return new HybridTimestamp(micros, 0);
    }
}
