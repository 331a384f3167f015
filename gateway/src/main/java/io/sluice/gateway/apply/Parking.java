package io.sluice.gateway.apply;

import io.sluice.change.Row;
import io.sluice.change.SourcePosition;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.DeadLetter;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.TargetSession;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts rows that the target refuses aside, where that is wanted, up to as many as may be. Shared by
 * all threads that write for one pipeline. Thread-safe.
 *
 * <p>A row is put aside by its key, in the transaction of whatever it came with. A table without a
 * key has no rows that could be found again, so none of its rows is put aside.
 */
public final class Parking {

    private static final Logger LOG = LoggerFactory.getLogger(Parking.class);

    /** What is put aside for a row that came under the key of another one that is. */
    static final String MOVED = "moved";

    private final boolean wanted;
    private final int most;
    private final Consumer<TableId> observer;
    private final AtomicLong parked = new AtomicLong();

    /**
     * @param wanted whether rows are put aside; else the first refusal stands
     * @param most rows that may be parked at once
     * @param observer told of each row's table
     */
    public Parking(boolean wanted, int most, Consumer<TableId> observer) {
        this.wanted = wanted;
        this.most = most;
        this.observer = observer;
    }

    /** Nothing is ever put aside. */
    public static Parking none() {
        return new Parking(false, 1, table -> {});
    }

    /** Whether a row of the table is put aside when the target refuses it. */
    public boolean takes(TableSchema table) {
        return wanted && table.hasKey();
    }

    /** How many rows are parked. */
    public long parked() {
        return parked.get();
    }

    /** Notes how many rows are parked. */
    void stand(long letters) {
        parked.set(letters);
    }

    /** Notes what the target says of how many rows are parked. */
    public void count(TargetSession session) {
        stand(session.letterBox().all().size());
        session.rollback();
    }

    /**
     * Puts a row aside, inside the session's transaction.
     *
     * @param row whose key's values are known, and maybe others
     * @param operation which change was refused
     * @throws ConnectorException FATAL if too many are parked already
     */
    String park(
            TargetSession session,
            TableSchema table,
            Row row,
            String operation,
            @Nullable SourcePosition position,
            String reason) {
        String key = RowJson.key(table, row);
        String hash = RowJson.hash(key);
        boolean added =
                session.letterBox()
                        .put(
                                new DeadLetter(
                                        0,
                                        table.table(),
                                        hash,
                                        key,
                                        operation.toLowerCase(Locale.ROOT),
                                        position == null ? null : position.text(),
                                        reason,
                                        RowJson.values(table, row),
                                        1,
                                        false,
                                        null));
        if (added && parked.incrementAndGet() > most) {
            parked.decrementAndGet();
            throw new ConnectorException(
                    ErrorClass.FATAL,
                    ("%d rows that the target refused are parked already (apply.maxParked): so many are"
                                    + " not an error of rows. The next: %s. Mend the target, then run"
                                    + " `sluice dead-letters retry`; or raise the limit")
                            .formatted(most, reason));
        }
        observer.accept(table.table());
        LOG.warn("A row of {} is parked: {}", table.table(), reason);
        return hash;
    }

    /** As {@link #park}, for a row of the copy. */
    public void parkCopied(
            TargetSession session,
            TableSchema table,
            Row row,
            @Nullable SourcePosition position,
            ConnectorException refusal) {
        park(session, table, row, "copy", position, String.valueOf(refusal.getMessage()));
    }
}
