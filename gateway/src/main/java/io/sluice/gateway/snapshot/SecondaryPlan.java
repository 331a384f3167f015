package io.sluice.gateway.snapshot;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.Build;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.SecondaryObject;
import io.sluice.connectors.spi.SecondaryObject.Reference;
import io.sluice.connectors.spi.SourceDatabase;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TargetDatabase;
import io.sluice.gateway.route.Routing;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which of the source's indexes, unique constraints and foreign keys are made on the target: those
 * of tables that are created there.
 */
public final class SecondaryPlan {

    private final Routing routing;
    private final Set<TableId> replicated;
    private final List<Finding> findings;

    private SecondaryPlan(Routing routing, Set<TableId> replicated, List<Finding> findings) {
        this.routing = routing;
        this.replicated = replicated;
        this.findings = findings;
    }

    /**
     * @param tables of the source that take part
     * @param missing those tables of the target that are to be created
     * @param findings takes, by name, what is not made, or not the same
     */
    public static List<Build> builds(
            SourceDatabase source,
            TargetDatabase target,
            Routing routing,
            List<TableDefinition> tables,
            Collection<TableId> missing,
            List<Finding> findings) {
        List<TableDefinition> created =
                tables.stream()
                        .filter(table -> missing.contains(routing.renames().apply(table.table())))
                        .toList();
        if (created.isEmpty()) {
            return List.of();
        }
        Set<TableId> replicated =
                tables.stream().map(TableDefinition::table).collect(Collectors.toSet());
        List<SecondaryObject> objects =
                source.secondaryObjects(created.stream().map(TableDefinition::table).toList());
        return target.builds(
                new SecondaryPlan(routing, replicated, findings).routed(objects),
                created.stream().map(routing::target).toList(),
                findings);
    }

    /** Those of the replication's tables that the target does not have. */
    public static Set<TableId> missing(TargetDatabase target, List<TableDefinition> wanted) {
        Set<TableId> missing =
                wanted.stream()
                        .map(TableDefinition::table)
                        .collect(Collectors.toCollection(TreeSet::new));
        target.tables(List.copyOf(missing)).forEach(table -> missing.remove(table.table()));
        return missing;
    }

    static List<SecondaryObject> routed(
            List<SecondaryObject> objects,
            Routing routing,
            Set<TableId> replicated,
            List<Finding> findings) {
        return new SecondaryPlan(routing, replicated, findings).routed(objects);
    }

    private List<SecondaryObject> routed(List<SecondaryObject> objects) {
        List<SecondaryObject> routed = new ArrayList<>();
        Function<TableId, TableId> renames = routing.renames();
        for (SecondaryObject object : objects) {
            String reason = reason(object);
            if (reason == null) {
                Reference reference = object.reference();
                routed.add(
                        object.named(
                                renames.apply(object.table()),
                                object.name(),
                                reference == null ? null : renames.apply(reference.table())));
            } else {
                findings.add(
                        Finding.warns(
                                renames.apply(object.table()).toString(),
                                "The %s %s is not made: %s"
                                        .formatted(object.kind().words(), object.name(), reason),
                                ""));
            }
        }
        return routed;
    }

    private @Nullable String reason(SecondaryObject object) {
        Set<String> excluded = routing.excludedColumns().apply(object.table());
        if (object.uses().stream().anyMatch(excluded::contains)) {
            return "it needs a column that is excluded.";
        }
        Reference reference = object.reference();
        if (reference == null) {
            return null;
        }
        if (!replicated.contains(reference.table())) {
            return "it refers to %s, which is not replicated.".formatted(reference.table());
        }
        Set<String> there = routing.excludedColumns().apply(reference.table());
        return reference.columns().stream().anyMatch(there::contains)
                ? "it refers to a column that is excluded."
                : null;
    }
}
