package io.sluice.gateway.pipeline;

import io.sluice.change.Row;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.SourceDatabase;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.gateway.apply.RowFinder;
import io.sluice.gateway.route.Routing;
import java.util.Optional;
import java.util.function.Function;

/** Looks rows up at the source by their names on the target. Used by one thread. */
final class SourceRows implements RowFinder {

    private final SourceDatabase source;
    private final Routing routing;

    SourceRows(SourceDatabase source, Routing routing) {
        this.source = source;
        this.routing = routing;
    }

    /** The table is looked at anew: it may have been altered since the pipeline began. */
    @Override
    public Optional<Looked> find(TableId table, Function<TableSchema, Row> key) {
        for (TableDefinition one : routing.select(source.tables())) {
            if (routing.renames().apply(one.table()).equals(table)) {
                TableSchema schema = routing.target(one).schema();
                Row named = key.apply(schema);
                TableSchema there = new TableSchema(one.table(), schema.columns(), schema.key());
                return Optional.of(new Looked(schema, named, source.find(there, named)));
            }
        }
        return Optional.empty();
    }
}
