package io.sluice.connectors.spi;

import io.sluice.change.Row;
import io.sluice.change.TableSchema;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The conflicts that were decided in a database, for the operator. Thread-safe; each call is a
 * transaction of its own and throws {@link ConnectorException}.
 */
public interface ConflictStore {

    /**
     * The newest that are asked for, without their rows' values.
     *
     * @param before only those with smaller numbers
     */
    List<RecordedConflict> page(ConflictSearch search, long before, int atMost);

    /** One, with the values of both rows. */
    Optional<RecordedConflict> find(long id);

    /**
     * Writes a row as any user of the database would, so that all sites get the change, and notes
     * in the record that the conflict is resolved: both, or neither.
     *
     * @param by who resolves it
     * @param resolver decides under the lock of the record; what it throws undoes everything
     * @return whether there is such a conflict
     */
    boolean resolve(long id, String by, Resolver resolver);

    /**
     * Forgets at most {@code batch} of the oldest: those decided before a moment, and those that
     * are more than {@code kept}. What waits for a person stays.
     *
     * @return how many are forgotten
     */
    int forget(Instant before, long kept, int batch);

    /** How many wait for a person. */
    long open();

    /** Decides what a row becomes. */
    @FunctionalInterface
    interface Resolver {
        Correction decide(RecordedConflict conflict, StandingRow row);
    }

    /** The row of a conflict as it is now. */
    interface StandingRow {

        /** The columns that the table has now. */
        TableSchema table();

        /** Locks the row; empty where there is none. */
        Optional<Row> lock(Row key);
    }

    /**
     * What is to be done.
     *
     * @param choice as it is to be noted
     * @param writes whether a row is written at all; one that was not locked cannot be
     * @param row what the row becomes; null for none
     */
    record Correction(String choice, boolean writes, @Nullable Row row) {

        public Correction {
            Objects.requireNonNull(choice);
        }

        /** Shows no values. */
        @Override
        public String toString() {
            return choice;
        }
    }
}
