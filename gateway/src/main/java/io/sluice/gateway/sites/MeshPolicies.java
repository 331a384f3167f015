package io.sluice.gateway.sites;

import io.sluice.conflict.PolicySpec;
import io.sluice.conflict.TableChoice;
import io.sluice.connectors.spi.Finding;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/** Which policies more than two sites can have, of those that converge. */
public final class MeshPolicies {

    /** They ask for nothing of a row but when and where it was written last. */
    private static final Set<String> OF_THE_LAST_WRITE = Set.of("last-update-wins", "park", "stop");

    /** They ask for the versions of parts of it, or after which deletion it came. */
    private static final Set<String> OF_ITS_HISTORY =
            Set.of("max", "min", "version-column", "column-merge", "delta", "union");

    private MeshPolicies() {}

    /** Whether one of these may ask for more than the last write, and so needs all in order. */
    public static boolean askHistory(Collection<TableChoice> choices) {
        return choices.stream()
                .anyMatch(
                        choice ->
                                !choice.columns().isEmpty()
                                        || !OF_THE_LAST_WRITE.contains(choice.policy().name()));
    }

    static List<Finding> refused(String table, TableChoice choice) {
        List<PolicySpec> asked = new ArrayList<>(choice.kinds().values());
        asked.add(choice.policy());
        asked.addAll(choice.columns().values());
        for (PolicySpec each : List.copyOf(asked)) {
            Object within = each.settings().get("otherwise");
            if (within != null) {
                asked.add(PolicySpec.read(within));
            }
        }
        List<Finding> findings = new ArrayList<>();
        asked.stream()
                .map(PolicySpec::name)
                .filter(name -> !OF_THE_LAST_WRITE.contains(name) && !OF_ITS_HISTORY.contains(name))
                .forEach(
                        name ->
                                findings.add(
                                        refused(table, "`%s` is for two sites".formatted(name))));
        return findings;
    }

    private static Finding refused(String table, String what) {
        return Finding.blocks(
                table,
                what + " in this version.",
                "Between more use last-update-wins, max, min, version-column, column-merge, delta, union, park or stop.");
    }
}
