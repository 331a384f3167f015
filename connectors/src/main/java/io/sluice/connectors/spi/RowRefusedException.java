package io.sluice.connectors.spi;

import io.sluice.change.TableId;
import org.jspecify.annotations.Nullable;

/**
 * The target refuses a row, or the row that a change was made to is not there. The transaction that
 * it belongs to is not applied in any part.
 */
public final class RowRefusedException extends ConnectorException {

    private final TableId table;
    private final String key;
    private final boolean ofUniqueKey;

    /**
     * @param table the table on the target
     * @param key the row's key as {@code column=value, …}, for the operator's eyes through the API
     *     and the command line; it is not part of the message, which goes to the log
     * @param reason what the target said, without row values
     */
    public RowRefusedException(
            TableId table, String key, String reason, @Nullable Throwable cause) {
        this(table, key, reason, cause, false);
    }

    /**
     * @param ofUniqueKey whether another row stands in the way, by a key that only one may have
     */
    public RowRefusedException(
            TableId table,
            String key,
            String reason,
            @Nullable Throwable cause,
            boolean ofUniqueKey) {
        super(ErrorClass.ROW, reason, cause);
        this.table = table;
        this.key = key;
        this.ofUniqueKey = ofUniqueKey;
    }

    /** Whether another row stands in the way. */
    public boolean isOfUniqueKey() {
        return ofUniqueKey;
    }

    public TableId table() {
        return table;
    }

    public String key() {
        return key;
    }
}
