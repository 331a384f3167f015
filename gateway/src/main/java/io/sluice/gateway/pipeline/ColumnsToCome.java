package io.sluice.gateway.pipeline;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.SourceDatabase;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TargetDatabase;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Columns that a source has and its log has not come to yet. Where the log tells alterations, a
 * column that the target lacks is dealt with there ({@link TableFollower}): before that no row has
 * it.
 */
final class ColumnsToCome {

    private ColumnsToCome() {}

    /** The tables without such columns, where the pipeline streams. */
    static List<TableDefinition> left(
            List<TableDefinition> wanted,
            SourceDatabase source,
            TargetDatabase target,
            String pipeline) {
        boolean streams =
                source.alterations().isPresent()
                        && target.checkpoint(pipeline)
                                .filter(known -> known.phase() == Checkpoint.Phase.STREAMING)
                                .isPresent();
        if (!streams) {
            return wanted;
        }
        Map<TableId, Set<String>> standing = new HashMap<>();
        for (TableDefinition table :
                target.tables(wanted.stream().map(TableDefinition::table).toList())) {
            standing.put(
                    table.table(),
                    table.columns().stream()
                            .map(ColumnDefinition::name)
                            .collect(Collectors.toSet()));
        }
        return wanted.stream()
                .map(
                        table -> {
                            Set<String> names = standing.get(table.table());
                            return names == null
                                    ? table
                                    : AlteredDefinition.only(table, names::contains);
                        })
                .toList();
    }
}
