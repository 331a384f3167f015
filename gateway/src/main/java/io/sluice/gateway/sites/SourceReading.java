package io.sluice.gateway.sites;

import io.sluice.change.SourcePosition;
import io.sluice.connectors.spi.SiteSession;
import io.sluice.connectors.spi.SiteSession.ReadingPoint;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * From where a source's log will be read again: kept in the target, along with the checkpoint that
 * it is not later than. Used by one thread.
 */
final class SourceReading {

    private static final long INTERVAL = Duration.ofSeconds(1).toNanos();

    private final LocalLog source;
    private final LongSupplier nanos;
    private @Nullable ReadingPoint durable;
    private @Nullable ReadingPoint pending;
    private boolean due = true;
    private long savedAt;

    /**
     * @param durable what is kept; null for nothing
     */
    SourceReading(LocalLog source, @Nullable ReadingPoint durable, LongSupplier nanos) {
        this.source = source;
        this.durable = durable;
        this.nanos = nanos;
    }

    /** Whether what need not be done with each commit is done with this one. */
    boolean isDue() {
        return due;
    }

    void committing(SiteSession session, SourcePosition checkpoint) {
        due = durable == null || nanos.getAsLong() - savedAt > INTERVAL;
        if (due) {
            pending = source.readingPoint(checkpoint);
            session.save(pending);
        }
    }

    void committed() {
        if (due) {
            durable = pending;
            savedAt = nanos.getAsLong();
        }
    }

    /** What the source may let go of its log up to; null for nothing yet. */
    @Nullable SourcePosition acknowledged() {
        return durable == null ? null : durable.position();
    }
}
