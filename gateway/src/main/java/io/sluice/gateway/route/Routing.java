package io.sluice.gateway.route;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.TableDefinition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The rules of one replication. Immutable and without state.
 *
 * @param includes whether a table of the source takes part
 * @param renames the target's name of a table of the source
 * @param excludedColumns columns of a table of the source that stay behind
 */
public record Routing(
        Predicate<TableId> includes,
        Function<TableId, TableId> renames,
        Function<TableId, Set<String>> excludedColumns) {

    /** All tables, under their own names, with all columns. */
    public static Routing everything() {
        return new Routing(table -> true, table -> table, table -> Set.of());
    }

    /** The tables that take part, as the source defines them. */
    public List<TableDefinition> select(List<TableDefinition> tables) {
        return tables.stream().filter(table -> includes.test(table.table())).toList();
    }

    /** The target's names of these tables of the source. */
    public Set<TableId> targets(Collection<TableId> tables) {
        return tables.stream().map(renames).collect(Collectors.toSet());
    }

    /** What is wrong with these rules for the tables that take part. */
    public List<Finding> check(List<TableDefinition> selected) {
        List<Finding> findings = new ArrayList<>();
        Map<TableId, TableId> sources = new HashMap<>();
        for (TableDefinition table : selected) {
            TableId target = renames.apply(table.table());
            TableId other = sources.put(target, table.table());
            if (other != null) {
                findings.add(
                        Finding.blocks(
                                target.toString(),
                                "Both %s and %s would be written to this table."
                                        .formatted(other, table.table()),
                                "Rename one of them, or exclude it."));
            }
            table.replicaKey().stream()
                    .filter(excludedColumns.apply(table.table())::contains)
                    .forEach(
                            column ->
                                    findings.add(
                                            Finding.blocks(
                                                    table.table() + "." + column,
                                                    "The column is excluded, but it is in the key"
                                                            + " by which rows are found.",
                                                    "Take it out of excludeColumns.")));
        }
        return findings;
    }

    /** A table of the source as it is wanted on the target. */
    public TableDefinition target(TableDefinition source) {
        Set<String> excluded = excludedColumns.apply(source.table());
        return new TableDefinition(
                renames.apply(source.table()),
                source.engine(),
                source.columns().stream().filter(c -> !excluded.contains(c.name())).toList(),
                source.primaryKey(),
                source.uniqueKeys().stream()
                        .filter(key -> key.stream().noneMatch(excluded::contains))
                        .toList(),
                source.replicaKey(),
                source.rowIdentity(),
                source.partitioned(),
                source.estimatedRows(),
                source.estimatedBytes());
    }
}
