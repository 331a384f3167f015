package io.sluice.gateway.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.connectors.spi.EventStore;
import io.sluice.connectors.spi.PipelineEvent;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class EventKeeperTest {

    private final InstantSource clock = () -> Instant.parse("2026-01-01T12:00:00Z");
    private final List<String> kept = new CopyOnWriteArrayList<>();
    private final AtomicInteger asked = new AtomicInteger();

    /** Fails at first in a way that nobody foresaw, and cannot forget. */
    private final class CrippledStore implements EventStore {

        @Override
        public List<PipelineEvent> latest(int atMost) {
            return List.of();
        }

        @Override
        public void add(List<PipelineEvent> events) {
            if (asked.incrementAndGet() == 1) {
                throw new IllegalStateException("unforeseen");
            }
            events.forEach(event -> kept.add(event.text()));
        }

        @Override
        public void keep(Instant since, int atMost) {
            throw new IllegalStateException("nothing is forgotten");
        }
    }

    @Test
    void aStoreThatFailsKeepsTheNextEventsAndEachOnce() throws Exception {
        Journal journal = new Journal(clock);
        try (EventKeeper keeper =
                new EventKeeper("p", new CrippledStore(), journal, clock, () -> true)) {
            keeper.start();
            keeper.keep(journal.add("p", EventKind.STATE, "one"));
            Awaitility.await().until(() -> kept.contains("one"));
            keeper.keep(journal.add("p", EventKind.STATE, "two"));
            Awaitility.await().until(() -> kept.contains("two"));
        }
        assertThat(kept).containsExactly("one", "two");
    }
}
