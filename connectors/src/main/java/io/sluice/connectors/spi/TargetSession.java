package io.sluice.connectors.spi;

import io.sluice.change.SourcePosition;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One connection to a target, with one transaction at a time. Used by one thread.
 *
 * <p>A transaction begins with the first call after the last commit. After any exception it is
 * either rolled back to a savepoint or rolled back whole before anything else is done.
 */
public interface TargetSession extends AutoCloseable {

    /**
     * Carries an operation out.
     *
     * @return how many rows it touched; the caller compares
     * @throws ConnectorException of class {@link ErrorClass#ROW} if the target refuses a row
     */
    long execute(TableOperation operation);

    /**
     * Whether foreign keys and triggers act on what this session writes, because the role may not
     * switch them off. The caller then keeps the source's order across tables.
     */
    boolean enforcesForeignKeys();

    /**
     * Carries an operation out, or leaves all as it was. The savepoint stays where it is.
     *
     * @return how many rows it touched; empty if the target refuses a row
     */
    OptionalLong attempt(TableOperation operation);

    /** Marks a point to come back to; replaces the mark set before. */
    void savepoint();

    /** Undoes all since the last {@link #savepoint()}, which stays set. */
    void rollbackToSavepoint();

    /** Undoes all since the last commit. */
    void rollback();

    /**
     * Writes the checkpoint and commits, rows and checkpoint as one.
     *
     * @throws FencedException if another gateway has raised the epoch: all is rolled back
     * @throws ConnectorException of class {@link ErrorClass#RETRY} if the connection broke: whether
     *     the commit took place is known only from the checkpoint itself
     */
    void commit(Checkpoint checkpoint);

    /**
     * Makes sure that the pipeline is still this session's. Only between transactions: it ends one.
     *
     * @throws FencedException if another gateway has raised the epoch
     */
    void requireClaim();

    /**
     * Fills a table, inside the transaction. In the text format values are in the text of their
     * {@link DataType}; of the others, truth is {@code t} or {@code f} and bytes are {@code \\x}
     * and hexadecimal digits, before {@code COPY}'s own escapes.
     *
     * @param table the target's, its columns in the order of the rows' values
     */
    CopyWriter copyInto(TableSchema table, CopyFormat format);

    /**
     * Empties tables that are about to be filled, as fast as the database can: it need not be part
     * of the transaction, which is committed first where the database cannot do otherwise.
     */
    void empty(List<TableId> tables);

    /** Records a table's copy in place of what was recorded of it, inside the transaction. */
    void saveCopy(TableCopy copy);

    /**
     * Records that a planned chunk is there, inside the transaction that brings its rows.
     *
     * @throws ConnectorException RETRY if the chunk is not planned any more
     */
    void markDone(TableId table, TableCopy.Chunk chunk);

    /** Records that single rows are as of a position later than their chunk's. */
    void settle(TableId table, SourcePosition asOf);

    /** The pipeline's dead letters. What is recorded of a table's copy anew ends its letters. */
    LetterBox letterBox();

    /** What a site needs that others write to as well; empty where this engine has it not. */
    default Optional<SiteSession> site() {
        return Optional.empty();
    }

    /** What is recorded of this pipeline's copy, in table order. */
    List<TableCopy> copies();

    /** How far tables are read by their cursors. */
    CursorStore cursors();

    /** Whether the table holds any row. */
    boolean hasRows(TableId table);

    @Override
    void close();

    /** Takes a format's messages until it is finished or cancelled. */
    interface CopyWriter extends AutoCloseable {

        void write(byte[] message);

        /** Ends the copy; returns the rows that the target took. */
        long finish();

        /** Cancels what was not finished. */
        @Override
        void close();
    }
}
