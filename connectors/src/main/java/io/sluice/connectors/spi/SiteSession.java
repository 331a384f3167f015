package io.sluice.connectors.spi;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.Row;
import io.sluice.change.SourcePosition;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a target session does for a site that others write to as well: inside the session's
 * transaction, and used by its thread.
 */
public interface SiteSession {

    /**
     * As this one, but the versions of rows are kept under a name that is shared by all who apply
     * at the site.
     */
    SiteSession shared(String name);

    /**
     * Waits until nobody else applies at the site who keeps the versions of rows under the same
     * name, and lets nobody until the transaction ends. Called again after everything since a
     * savepoint was undone.
     */
    void alone();

    /**
     * Locks the rows of these keys until the transaction ends, in key order as far as the database
     * lets that be chosen.
     *
     * @param keys rows of {@code table} whose keys' values are known
     * @return which of them stand, by their places in {@code keys}
     * @throws CollisionException if others want the same rows and this transaction has to give way
     */
    BitSet lock(TableSchema table, List<Row> keys);

    /**
     * Rows as this transaction sees them, its own writes included.
     *
     * @param keys rows of {@code table} whose keys' values are known
     * @return those that stand, by their keys' places in {@code keys}
     */
    Map<Integer, Row> find(TableSchema table, List<Row> keys);

    /** Looks for rows that lack another one. */
    Orphans orphans();

    /** What was kept of these rows; of others nothing is known. */
    Map<RowName, StoredVersion> versions(Collection<RowName> rows);

    /** Keeps these in place of what was kept of the same rows. */
    void keep(Collection<StoredVersion> versions);

    /** Forgets what was decided up to a time of the site's log. */
    void forget(HybridTimestamp decided);

    /**
     * Up to where versions of each site's writes were forgotten here that another site had not
     * seen, in the conflicts' own text; empty for nothing.
     */
    String forgotten();

    /** What is remembered under the name that versions are kept under; nothing before the first. */
    Memory memory();

    /** Replaces it. */
    void remember(Memory memory);

    /** Puts conflicts on record. */
    void record(Collection<ConflictRecord> conflicts);

    /** From where the source's log is to be read again; nothing before the first commit. */
    Optional<ReadingPoint> readingPoint();

    /** Replaces it. */
    void save(ReadingPoint point);

    /**
     * Has another pipeline that applies here go on from a checkpoint, and its source be read again
     * from a point, both with the transaction's commit.
     *
     * @param checkpoint with the epoch under which the pipeline is claimed
     * @throws FencedException if somebody has taken that pipeline over
     */
    void begin(Checkpoint checkpoint, ReadingPoint point);

    /**
     * Takes what was kept by this pipeline alone into what all keep who apply here, see {@link
     * #shared}.
     *
     * @return whether there was anything
     */
    boolean takeOwn();

    /**
     * A row, by what tells the rows of a table apart.
     *
     * @param keyHash of a length that any index takes
     */
    record RowName(TableId table, String keyHash) {}

    /**
     * What is known of where a row comes from.
     *
     * @param key a JSON object; for the operator's eyes
     * @param version in the form of the conflicts' own text
     * @param decided the time of the site's log up to which the site's own writes are in it
     */
    record StoredVersion(RowName row, String key, String version, HybridTimestamp decided) {}

    /**
     * What a site remembers beside the versions of its rows.
     *
     * @param forgotten as {@link #forgotten} says it
     * @param moments in the gateway's own text
     */
    record Memory(String forgotten, String moments) {}

    /**
     * A moment of the source's log, and what a reader that begins there has to know.
     *
     * @param clock the source's hybrid clock at that moment
     * @param seen what the source had seen of the other sites, in the conflicts' own text
     */
    record ReadingPoint(SourcePosition position, HybridTimestamp clock, String seen) {}
}
