package io.sluice.connectors.spi;

import io.sluice.change.TableId;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A database that is written to.
 *
 * <p>Thread-safe. Every method that reaches the database throws {@link ConnectorException}.
 */
public interface TargetDatabase extends AutoCloseable {

    Engine engine();

    /** Creates the gateway's own tables, or brings them to this version. Idempotent. */
    void prepare();

    /** The definitions of those of the tables that exist. */
    List<TableDefinition> tables(Collection<TableId> names);

    /**
     * Whether this database can take these tables, each finding with its remedy: privileges, how
     * foreign keys and triggers will be kept from interfering, and every difference of a table that
     * stands already; and, of tables of another engine, what is translated with a loss.
     *
     * @param wanted the definitions in this database's names, with the source's types
     * @throws ConnectorException if the database cannot be asked; that may pass, a finding does not
     */
    List<Finding> check(List<TableDefinition> wanted);

    /**
     * Creates those of the tables that are missing, with the schemas and types that they need, as
     * they are filled: {@link TableDefinition#bare()}.
     *
     * @param types what the tables' columns need, each after those that it needs itself; those that
     *     exist already stay as they are
     * @return the tables that were created
     */
    List<TableId> create(List<TableDefinition> wanted, List<TypeDefinition> types);

    /**
     * How what the source's tables have beside their rows is made here.
     *
     * @param objects in this database's names
     * @param wanted their tables, as for {@link #check}
     * @param findings takes, by name, what cannot be made here, or not the same
     */
    List<Build> builds(
            List<SecondaryObject> objects, List<TableDefinition> wanted, List<Finding> findings);

    /** What the pipeline has yet to make. */
    BuildRecord buildRecord(String pipeline);

    /** A connection to make it with; the pipeline's next claim ends it. */
    BuildSession buildSession(String pipeline);

    /** The table in this database's own types. */
    TableDefinition own(TableDefinition wanted);

    /** Whether of these columns, in this database's types, each takes all that the other does. */
    boolean holdsTheSame(ColumnDefinition one, ColumnDefinition other);

    /** What an operator is to run, in this database's SQL. */
    String statement(TableId table, ColumnStep step);

    /** Adds those of the columns that are missing to a table that stands. */
    void addColumns(TableId table, List<ColumnDefinition> columns);

    /**
     * Those of the tables whose rows are unique by more than the keys that their definitions tell:
     * by a part of the rows, by an expression, or at the end of a transaction only.
     */
    Set<TableId> withOtherUniqueness(Collection<TableId> tables);

    /**
     * The quickest format in which a table's rows can be copied.
     *
     * @param source as the source defines it
     * @param wanted the same in this database's names
     * @param standing as it stands here
     */
    CopyFormat copyFormat(TableDefinition source, TableDefinition wanted, TableDefinition standing);

    /** What the pipeline's source has to remember. */
    SchemaHistory schemaHistory(String pipeline);

    /** The pipeline's dead letters. */
    DeadLetters deadLetters(String pipeline);

    /**
     * The conflicts that were decided here.
     *
     * @param pipelines whose changes met them, one or more
     */
    ConflictStore conflicts(List<String> pipelines);

    /** What happened to the pipeline. */
    EventStore events(String pipeline);

    /** How the pipeline kept its RPO objective. */
    ObjectiveStore objective(String pipeline);

    /** The pipeline's checkpoint as it stands, without claiming it. */
    Optional<Checkpoint> checkpoint(String pipeline);

    /**
     * Takes the pipeline over: raises the fencing epoch, so that no earlier session can commit
     * again.
     *
     * @param holder who claims
     * @return the checkpoint as it stands now, with the new epoch
     */
    Checkpoint claim(String pipeline, Holder holder);

    /**
     * Raises the epoch of a claim that this holder has, so that what is left of its own earlier
     * session cannot commit either.
     *
     * @param held the claim as the holder last knew it; its epoch may be behind, where the answer
     *     to an earlier renewal was lost
     * @throws FencedException if another holder has taken the pipeline over since
     */
    Checkpoint renew(Checkpoint held, Holder holder);

    /**
     * A connection to write with, fenced by the epoch of {@code claim}.
     *
     * @param statementTimeout how long the target may take over one statement other than a copy
     *     before it is cancelled with an error of class {@link ErrorClass#RETRY}
     */
    TargetSession session(Checkpoint claim, Duration statementTimeout);

    /** A connection that puts whole tables in the place of others, fenced like a session. */
    TableLoads loads(Checkpoint claim);

    /** A connection of its own that reads tables by their columns' order. */
    TableReader tableReader(String pipeline);

    @Override
    void close();
}
