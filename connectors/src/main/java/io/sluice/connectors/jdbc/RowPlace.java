package io.sluice.connectors.jdbc;

import io.sluice.change.Row;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import java.sql.SQLException;
import java.util.Optional;

/** Single rows of users' tables, inside a transaction that is no pipeline's. */
public interface RowPlace {

    /** Empty where there is no such table any more. */
    Optional<TableSchema> table(TableId table) throws SQLException;

    /** Locks the row and reads it. */
    Optional<Row> lock(TableSchema table, Row key) throws SQLException;

    /**
     * Writes so that the log has it, also where nothing changes.
     *
     * @param before as {@link #lock} gave it
     * @return how many rows there were
     */
    long write(TableSchema table, Optional<Row> before, Optional<Row> after) throws SQLException;
}
