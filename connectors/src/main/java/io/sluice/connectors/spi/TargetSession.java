package io.sluice.connectors.spi;

import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import java.util.List;

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
     * Fills a table from lines of PostgreSQL's {@code COPY} text format, inside the transaction.
     * Values are in the text of their {@link DataType}; of the others, truth is {@code t} or {@code
     * f} and bytes are {@code \\x} and hexadecimal digits, before {@code COPY}'s own escapes.
     *
     * @param table the target's, its columns in the order of the lines' values
     */
    CopyWriter copyInto(TableSchema table);

    /**
     * Empties tables that are about to be filled, as fast as the database can: it need not be part
     * of the transaction, which is committed first where the database cannot do otherwise.
     */
    void empty(List<TableId> tables);

    /** Records how far a table's copy has come, inside the transaction. */
    void saveCopyProgress(CopyProgress progress);

    /** What is recorded of this pipeline's copy. */
    List<CopyProgress> copyProgress();

    /** Whether the table holds any row. */
    boolean hasRows(TableId table);

    @Override
    void close();

    /** Takes lines until it is finished or cancelled. */
    interface CopyWriter extends AutoCloseable {

        void line(byte[] line);

        /** Ends the copy; returns the rows that the target took. */
        long finish();

        /** Cancels what was not finished. */
        @Override
        void close();
    }

    /**
     * How far the copy of one table has come.
     *
     * @param table on the target
     * @param done whether all its rows are there
     */
    record CopyProgress(TableId table, boolean done, long rows) {}
}
