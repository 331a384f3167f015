package io.sluice.gateway.sites;

import io.sluice.conflict.PolicySpec;
import io.sluice.conflict.TableChoice;
import io.sluice.connectors.spi.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Which policies more than two sites can have, of those that converge. */
final class MeshPolicies {

    /** They ask for nothing of a row but when and where it was written last. */
    private static final Set<String> OF_THE_LAST_WRITE = Set.of("last-update-wins", "park", "stop");

    private MeshPolicies() {}

    static List<Finding> refused(String table, TableChoice choice) {
        List<PolicySpec> asked = new ArrayList<>(choice.kinds().values());
        asked.add(choice.policy());
        List<Finding> findings = new ArrayList<>();
        asked.stream()
                .map(PolicySpec::name)
                .filter(name -> !OF_THE_LAST_WRITE.contains(name))
                .forEach(
                        name ->
                                findings.add(
                                        refused(table, "`%s` is for two sites".formatted(name))));
        if (!choice.columns().isEmpty()) {
            findings.add(refused(table, "Policies of columns are for two sites"));
        }
        return findings;
    }

    private static Finding refused(String table, String what) {
        return Finding.blocks(
                table,
                what + " in this version.",
                "Between more use last-update-wins, park or stop, for whole rows.");
    }
}
