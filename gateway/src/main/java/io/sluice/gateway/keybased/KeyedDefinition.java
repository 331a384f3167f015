package io.sluice.gateway.keybased;

import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TableDefinition.RowIdentity;
import java.util.List;

/** Tables whose rows are named by their key, whatever the log would name them by. Pure. */
public final class KeyedDefinition {

    private KeyedDefinition() {}

    /** The primary key, or the key that the log would take; empty where there is none. */
    static List<String> key(TableDefinition table) {
        return table.primaryKey().isEmpty() ? table.replicaKey() : table.primaryKey();
    }

    /** The same table, its rows named by the key. */
    public static TableDefinition of(TableDefinition table) {
        return new TableDefinition(
                table.table(),
                table.engine(),
                table.columns(),
                table.primaryKey(),
                table.uniqueKeys(),
                key(table),
                RowIdentity.KEY,
                table.partitioned(),
                table.estimatedRows(),
                table.estimatedBytes());
    }
}
