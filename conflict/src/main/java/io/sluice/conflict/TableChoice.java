package io.sluice.conflict;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The policies that the configuration has for a table.
 *
 * @param policy of rows
 * @param kinds of single kinds of conflict, before {@code policy}
 * @param columns of single columns, or of several that are decided together
 */
public record TableChoice(
        PolicySpec policy,
        Map<ConflictKind, PolicySpec> kinds,
        Map<List<String>, PolicySpec> columns) {

    /** What is used where nothing is said. */
    public static final PolicySpec DEFAULT = PolicySpec.of("last-update-wins");

    public TableChoice {
        Objects.requireNonNull(policy);
        kinds = Map.copyOf(kinds);
        columns = Collections.unmodifiableMap(new LinkedHashMap<>(columns));
    }

    public static TableChoice of(PolicySpec policy) {
        return new TableChoice(policy, Map.of(), Map.of());
    }
}
