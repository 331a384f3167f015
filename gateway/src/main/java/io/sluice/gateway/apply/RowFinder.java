package io.sluice.gateway.apply;

import io.sluice.change.Row;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.SourceDatabase.Found;
import java.util.Optional;
import java.util.function.Function;

/** Finds rows of the source as they are now. */
@FunctionalInterface
public interface RowFinder {

    /**
     * @param table on the target
     * @param key the row's key, under the table's schema
     * @return empty where the table takes no part any more
     */
    Optional<Looked> find(TableId table, Function<TableSchema, Row> key);

    /**
     * @param schema in the target's names
     */
    record Looked(TableSchema schema, Row key, Found found) {}
}
