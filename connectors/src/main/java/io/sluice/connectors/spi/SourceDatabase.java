package io.sluice.connectors.spi;

import io.sluice.change.Row;
import io.sluice.change.SourcePosition;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A database that is read from: its catalog, its log, its clock.
 *
 * <p>Thread-safe. Every method that reaches the database throws {@link ConnectorException}.
 */
public interface SourceDatabase extends AutoCloseable {

    Engine engine();

    /**
     * Who answers at the address, in a form that stays the same for as long as positions of its log
     * mean the same thing. Another database under the same address has another identity.
     */
    String identity();

    /** Every table of users, in name order; the gateway's own and the system's are left out. */
    List<TableDefinition> tables();

    /** The types of users that these tables need, each after those that it needs itself. */
    List<TypeDefinition> types(List<TableDefinition> tables);

    /**
     * What these tables have beside their columns, their primary keys and their rows, in name
     * order. What is not whole here is left out.
     */
    List<SecondaryObject> secondaryObjects(List<TableId> tables);

    /**
     * How new rows of these tables are numbered where this database does it: one for each such
     * column.
     *
     * @param tables as they stand, or as the gateway would make them here
     */
    List<RowNumbers> rowNumbers(List<TableDefinition> tables);

    /**
     * How far the replica is behind that is furthest behind: one of this database's own, or this
     * database itself behind what it replicates. Empty where it is not told of any.
     */
    Optional<ReplicaLag> replicaLag();

    /**
     * Whether this database can be captured from and these tables can be followed, each finding
     * with its remedy.
     *
     * @throws ConnectorException if the database cannot be asked; that may pass, a finding does not
     */
    List<Finding> check(List<TableDefinition> tables);

    /**
     * Whether these tables can be read by the order of a column, without the log, each finding with
     * its remedy.
     *
     * @param cursors the column of each table; those of other types are among the findings
     */
    List<Finding> checkCursors(List<TableDefinition> tables, Map<TableId, String> cursors);

    /** A connection of its own that reads tables by their columns' order. */
    TableReader tableReader(String pipeline);

    /**
     * Whether these tables can be read whole, with no log to follow, each finding with its remedy.
     *
     * @throws ConnectorException if the database cannot be asked; that may pass, a finding does not
     */
    List<Finding> checkReading(List<TableDefinition> tables);

    /**
     * Holds a snapshot of now, with nothing kept of the log behind it. Its position is for people:
     * where the source cannot name the exact one, it is one that the snapshot covers.
     *
     * @param readers how many reads of the snapshot are wanted at once; fewer may be given
     */
    SnapshotReader present(String pipeline, List<TableDefinition> tables, int readers);

    /**
     * Whether the log is kept for a pipeline of this name already, by whichever gateway made it do
     * so.
     */
    boolean hasLog(String pipeline);

    /**
     * Makes the log keep everything from now on for this pipeline, and holds a snapshot of exactly
     * that moment. What an unfinished earlier call left for the pipeline is replaced.
     *
     * @param pipeline names what is created on the source (slot, publication)
     * @param history begun anew where the log needs one
     * @param readers how many reads of the snapshot are wanted at once; fewer may be given
     */
    SnapshotReader startLog(
            String pipeline, List<TableDefinition> tables, SchemaHistory history, int readers);

    /**
     * Holds a snapshot of a later moment of a log that is kept already.
     *
     * @param readers how many reads of the snapshot are wanted at once; fewer may be given
     */
    SnapshotReader snapshot(String pipeline, List<TableDefinition> tables, int readers);

    /**
     * Looks one row up as it is now.
     *
     * @param schema the columns that are wanted, in the source's names
     * @param key a row of {@code schema} whose key's values say which row is meant
     */
    Found find(TableSchema schema, Row key);

    /**
     * @param row null if there is none
     * @param asOf a position that covers every change that the row shows
     */
    record Found(@Nullable Row row, SourcePosition asOf) {}

    /**
     * Makes sure that the log still continues at {@code from}, and that all tables are in it. The
     * caller has claimed the pipeline: a reader that still holds its log is stale and may be ended.
     *
     * @param identity whose position {@code from} is
     * @return who goes on from there: the same, or another one whose log has the same history
     * @throws LogGapException if it does not: nothing was changed
     */
    String resumeLog(
            String pipeline, List<TableDefinition> tables, SourcePosition from, String identity);

    /** Removes what {@link #startLog} created; nothing happens where it is gone already. */
    void dropLog(String pipeline);

    /**
     * A reader of the log from {@code from} on. It is not started yet.
     *
     * @param from the checkpoint; transactions that it covers are not delivered
     */
    ChangeSource changes(
            String pipeline, List<TableId> tables, SourcePosition from, SchemaHistory history);

    /**
     * Has the log of one of several sites go on by a transaction of the site's own that holds
     * nothing. So who reads it hears what the site has of the others although none of its users
     * writes. Does nothing where heartbeats do this.
     */
    default void speak() {}

    /** Empty where the log tells no alterations: its rows alone show that a table is another. */
    Optional<AlteredStates> alterations();

    /** A connection of its own that measures this database. */
    SourceProbe probe(String pipeline);

    @Override
    void close();
}
