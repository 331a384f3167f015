package io.sluice.gateway.apply;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.RowRefusedException;
import io.sluice.connectors.spi.TableOperation;
import io.sluice.connectors.spi.TableOperation.DeleteRows;
import io.sluice.connectors.spi.TableOperation.InsertRows;
import io.sluice.connectors.spi.TableOperation.TruncateTables;
import io.sluice.connectors.spi.TableOperation.UpdateRows;

/** Says of an operation that touched other rows than the source's what that means. Pure. */
final class RowMismatch {

    private RowMismatch() {}

    static ConnectorException failure(TableOperation operation, long touched, long expected) {
        String verb =
                switch (operation) {
                    case InsertRows insert -> "insert";
                    case UpdateRows update -> "update";
                    case DeleteRows delete -> "delete";
                    case TruncateTables truncate -> "truncate";
                };
        TableId table =
                switch (operation) {
                    case InsertRows insert -> insert.table().table();
                    case UpdateRows update -> update.table().table();
                    case DeleteRows delete -> delete.table().table();
                    case TruncateTables truncate -> truncate.tables().getFirst();
                };
        if (expected == 1) {
            return new RowRefusedException(
                    table,
                    keyText(operation),
                    "The %s of a row of %s found %d rows on the target where the source had one: the"
                                    .formatted(verb, table, touched)
                            + " target has been changed by others. Mend the row, or copy again",
                    null);
        }
        return new ConnectorException(
                ErrorClass.ROW,
                "The %s of %d rows of %s found %d on the target"
                        .formatted(verb, expected, table, touched));
    }

    /** The key of the operation's first row, for the operator's eyes. */
    static String keyText(TableOperation operation) {
        return switch (operation) {
            case InsertRows insert -> insert.table().keyText(insert.rows().getFirst());
            case UpdateRows update -> update.table().keyText(update.before().getFirst());
            case DeleteRows delete -> delete.table().keyText(delete.before().getFirst());
            case TruncateTables truncate -> "";
        };
    }
}
