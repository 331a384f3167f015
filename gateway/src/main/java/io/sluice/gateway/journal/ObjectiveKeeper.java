package io.sluice.gateway.journal;

import io.sluice.connectors.spi.Holder;
import io.sluice.connectors.spi.ObjectiveStore;
import io.sluice.connectors.spi.ObjectiveStore.Kept;
import io.sluice.gateway.rpo.ObjectiveLedger;
import io.sluice.gateway.rpo.ObjectiveReport;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Keeps one pipeline's ledger in its target, on a thread of its own: reads what earlier runs have
 * left there, then writes what is new every few seconds. While the target is away nothing is lost:
 * what was not written is written later. Who has lost the pipeline to another gateway writes
 * nothing.
 */
public final class ObjectiveKeeper implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ObjectiveKeeper.class);

    private static final Duration WRITTEN_EVERY = Duration.ofSeconds(5);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final Duration FORGOTTEN_EVERY = Duration.ofHours(6);
    private static final Duration KEPT_FOR = Duration.ofDays(400);
    private static final Duration LAST_CHANCE = Duration.ofSeconds(1);

    private final String pipeline;
    private final ObjectiveStore store;
    private final ObjectiveLedger ledger;
    private final InstantSource clock;
    private final Claim claim;
    private final Consumer<String> trouble;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;

    private volatile boolean restored;
    private boolean told;
    private boolean lost;
    private Instant forgotten = Instant.EPOCH;

    /**
     * Under what the pipeline writes to its target.
     *
     * @param isMade whether it has written there yet, so that what it needs is there
     */
    public record Claim(Holder holder, BooleanSupplier isMade) {}

    /**
     * @param trouble is told when what is there cannot be read, so that no report is whole
     */
    public ObjectiveKeeper(
            String pipeline,
            ObjectiveStore store,
            ObjectiveLedger ledger,
            InstantSource clock,
            Claim claim,
            Consumer<String> trouble) {
        this.claim = claim;
        this.trouble = trouble;
        this.pipeline = pipeline;
        this.store = store;
        this.ledger = ledger;
        this.clock = clock;
        this.thread = Thread.ofVirtual().name("objective " + pipeline).unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    /** Writes what is new, once and within a second, and ends. */
    @Override
    public void close() throws InterruptedException {
        closing.countDown();
        thread.join(LAST_CHANCE);
    }

    /**
     * How the objective was kept, up to now. What lies before the ledger's memory is asked of the
     * target.
     *
     * @throws io.sluice.connectors.spi.ConnectorException if it does not answer
     */
    public ObjectiveReport report(LocalDate from, LocalDate until) {
        Instant begin = from.atStartOfDay(ZoneOffset.UTC).toInstant();
        Instant end = until.atStartOfDay(ZoneOffset.UTC).toInstant();
        ObjectiveLedger asked =
                begin.isBefore(clock.instant().minus(ledger.memory()))
                        ? ledger.of(store.load(begin, end), end)
                        : ledger;
        return ObjectiveReport.of(asked, from, until);
    }

    /** Whether what earlier runs have left was read; until then a report is not whole. */
    public boolean isRestored() {
        return restored;
    }

    private void run() {
        MDC.put("pipeline", pipeline);
        try {
            Duration pause = FIRST_PAUSE;
            boolean ends;
            do {
                Duration next = WRITTEN_EVERY;
                if (!write()) {
                    next = pause;
                    pause = min(pause.multipliedBy(2), LONGEST_PAUSE);
                } else {
                    pause = FIRST_PAUSE;
                }
                ends = closing.await(next.toMillis(), TimeUnit.MILLISECONDS);
            } while (!ends);
            write();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean write() {
        Instant now = clock.instant();
        try {
            if (!restored) {
                ledger.restore(store.load(now.minus(ledger.memory()), now.plus(KEPT_FOR)));
                restored = true;
            }
            Kept unsaved = ledger.unsaved();
            boolean some = !unsaved.times().isEmpty() || !unsaved.breaches().isEmpty();
            boolean claimed = claim.isMade().getAsBoolean();
            if (some && claimed) {
                noteHeld(store.save(claim.holder(), unsaved.times(), unsaved.breaches()));
                // What a gateway sees of a pipeline that is another's is not to be kept later.
                ledger.saved(unsaved.times(), unsaved.breaches());
            }
            if (claimed && !lost && now.isAfter(forgotten.plus(FORGOTTEN_EVERY))) {
                store.forget(now.minus(KEPT_FOR));
                forgotten = now;
            }
            told = false;
            return true;
        } catch (RuntimeException e) { // whatever it is, it is written later
            tell(e);
            return false;
        }
    }

    /** Before the pipeline has written to its target there is nothing to be read. */
    private void tell(RuntimeException e) {
        if (told || closing.getCount() == 0 || !(restored || claim.isMade().getAsBoolean())) {
            return;
        }
        told = true;
        if (restored) {
            LOG.warn("How the RPO objective is kept waits to be written: {}", e.getMessage());
        } else {
            String text =
                    "How the RPO objective was kept cannot be read, so no report is whole: "
                            + e.getMessage();
            LOG.warn(text);
            trouble.accept(text);
        }
    }

    private void noteHeld(boolean held) {
        if (!held && !lost) {
            LOG.warn("Another gateway keeps how the RPO objective is kept; this one stops.");
        }
        lost = !held;
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
