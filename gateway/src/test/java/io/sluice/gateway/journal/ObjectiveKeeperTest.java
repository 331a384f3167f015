package io.sluice.gateway.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.connectors.spi.Holder;
import io.sluice.connectors.spi.ObjectiveStore;
import io.sluice.gateway.rpo.Objective;
import io.sluice.gateway.rpo.ObjectiveLedger;
import io.sluice.gateway.rpo.Sighting;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class ObjectiveKeeperTest {

    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final Objective MINUTE =
            new Objective(Duration.ofMinutes(1), Duration.ofDays(30), 0.999);

    private final InstantSource clock = () -> NOON;
    private final Holder holder = Holder.named("a gateway");
    private final AtomicBoolean claimed = new AtomicBoolean();
    private final ObjectiveLedger ledger = new ObjectiveLedger(MINUTE, 1);
    private final List<String> told = new CopyOnWriteArrayList<>();
    private final Store store = new Store();

    /** As the pipeline's target, which may fail, and which another gateway may hold. */
    private final class Store implements ObjectiveStore {
        private final AtomicInteger loads = new AtomicInteger();
        private final List<Integer> saves = new CopyOnWriteArrayList<>();
        private volatile boolean unreadable;
        private volatile boolean held = true;

        @Override
        public Kept load(Instant since, Instant until) {
            loads.incrementAndGet();
            if (unreadable) {
                throw new IllegalStateException("no right to read");
            }
            return new Kept(null, List.of(), List.of());
        }

        @Override
        public boolean save(Holder by, List<Time> times, List<Breach> breaches) {
            assertThat(by).isEqualTo(holder);
            saves.add(times.size());
            return held;
        }

        @Override
        public void forget(Instant since) {
            assertThat(held).as("what is another's is left alone").isTrue();
        }
    }

    private ObjectiveKeeper keeper() {
        return new ObjectiveKeeper(
                "p",
                store,
                ledger,
                clock,
                new ObjectiveKeeper.Claim(holder, claimed::get),
                told::add);
    }

    private void see() {
        for (int n = 0; n < 2; n++) {
            ledger.look(
                    new Sighting(
                            NOON.plusSeconds(n),
                            Duration.ZERO,
                            MINUTE.objective(),
                            false,
                            "nothing",
                            false));
        }
    }

    @Test
    void whatCannotBeReadIsToldOnceThePipelineWrites() throws Exception {
        store.unreadable = true;
        try (ObjectiveKeeper keeper = keeper()) {
            keeper.start();
            Awaitility.await().until(() -> store.loads.get() >= 2);
            assertThat(told).isEmpty();
            claimed.set(true);
            Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> !told.isEmpty());
            int asked = store.loads.get();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> store.loads.get() > asked);
            assertThat(told).singleElement().asString().contains("no right to read");
            assertThat(keeper.isRestored()).isFalse();
        }
    }

    @Test
    void nothingIsSavedBeforeTheClaimOrAfterAnotherHasIt() throws Exception {
        see();
        store.held = false;
        ObjectiveKeeper keeper = keeper();
        keeper.start();
        Awaitility.await().until(keeper::isRestored);
        keeper.close();
        assertThat(store.saves).isEmpty();

        claimed.set(true);
        ObjectiveKeeper late = keeper();
        late.start();
        Awaitility.await().until(() -> !store.saves.isEmpty());
        late.close();
        assertThat(store.saves).as("offered once, and not kept for later").containsExactly(1);
        assertThat(ledger.unsaved().times()).isEmpty();
    }
}
