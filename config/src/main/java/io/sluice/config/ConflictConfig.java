package io.sluice.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * How conflicts are decided.
 *
 * @param rules for every table
 * @param tables what is otherwise for tables that match; of several that do, the first
 */
public record ConflictConfig(Rules rules, Map<Glob, Rules> tables) {

    public static final ConflictConfig DEFAULTS =
            new ConflictConfig(new Rules(Optional.empty(), Map.of(), Map.of()), Map.of());

    /**
     * Policies.
     *
     * @param policy of rows; empty where it is not said
     * @param kinds by kind of conflict
     * @param columns by the names of columns that are decided together
     */
    public record Rules(
            Optional<PolicyConfig> policy,
            Map<String, PolicyConfig> kinds,
            Map<List<String>, PolicyConfig> columns) {

        public Rules {
            Objects.requireNonNull(policy);
            kinds = Collections.unmodifiableMap(new LinkedHashMap<>(kinds));
            columns = Collections.unmodifiableMap(new LinkedHashMap<>(columns));
        }

        /** These, and for what they do not say, those. */
        private Rules over(Rules others) {
            Map<String, PolicyConfig> all = new LinkedHashMap<>(others.kinds);
            all.putAll(kinds);
            return new Rules(policy.or(() -> others.policy), all, columns);
        }
    }

    public ConflictConfig {
        Objects.requireNonNull(rules);
        tables = Collections.unmodifiableMap(new LinkedHashMap<>(tables));
    }

    /** What holds for a table, by its name at the first site. */
    public Rules forTable(String schema, String table) {
        return tables.entrySet().stream()
                .filter(entry -> entry.getKey().matches(schema, table))
                .findFirst()
                .map(entry -> entry.getValue().over(rules))
                .orElse(rules);
    }
}
