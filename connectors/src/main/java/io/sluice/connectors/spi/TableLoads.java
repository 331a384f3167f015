package io.sluice.connectors.spi;

import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whole tables that are filled beside those that stand, and then take their place. Used by one
 * thread, over a connection of its own. Each call is a transaction of its own, or a few in an order
 * that a death in between leaves nothing half done, and takes place only while the pipeline is
 * still the claim's.
 *
 * <p>What is created is recorded first, and what is dropped or renamed is recorded as created and
 * still the same: a table of a user is never either. Its rows are replaced instead.
 */
public interface TableLoads extends AutoCloseable {

    /**
     * A table and the one that was filled for it.
     *
     * @param table as it is named on the target, with the columns that are loaded
     */
    record Loaded(TableSchema table, TableId shadow) {}

    /** What a merge did, in rows. */
    record Changes(long inserted, long updated, long deleted) {

        public static final Changes NONE = new Changes(0, 0, 0);

        public Changes plus(Changes other) {
            return new Changes(
                    inserted + other.inserted, updated + other.updated, deleted + other.deleted);
        }
    }

    /**
     * A load that is complete.
     *
     * @param position of the source's log, for people
     * @param moment that the rows are of, by the source's clock
     * @param rows that were read
     */
    record Run(
            long number,
            Instant started,
            Instant finished,
            @Nullable String position,
            Instant moment,
            long rows,
            Changes changes) {}

    /** The last load of this pipeline that was completed. */
    Optional<Run> last();

    /** Removes what a load that was cut off has left. */
    void clear();

    /** Records a new load; returns its number. */
    long begin(Instant started);

    /** Notes that the gateway created these tables just now. */
    void created(List<TableId> tables);

    /** Creates an empty table with the columns, keys and indexes of the one that stands. */
    TableId shadow(TableId table);

    /** Lets the database look at what has been filled, for the plans of those who will read it. */
    void analyze(List<Loaded> tables);

    /**
     * Puts the filled tables in the place of those that stand, all at once: whoever reads sees all
     * of the old rows or all of the new ones.
     *
     * @param keep how many former ones of each stay, under names that end with their moment
     * @return false if others hold the tables: nothing has happened, and it may be tried again
     */
    boolean replace(List<Loaded> tables, Instant moment, int keep);

    /**
     * Makes the rows of a table with a key those of the filled one, all at once.
     *
     * @return empty if others hold the rows: nothing has happened, and it may be tried again
     */
    Optional<Changes> merge(Loaded table, Instant moment);

    /** Records that a load is complete. */
    void end(Run run);

    @Override
    void close();
}
