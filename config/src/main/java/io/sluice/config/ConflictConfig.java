package io.sluice.config;

import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * How conflicts are decided, and how they are recorded.
 *
 * @param rules for every table
 * @param tables what is otherwise for tables that match; of several that do, the first
 * @param mask by table pattern, columns whose values the record does not hold
 * @param keep how long conflicts stay on record
 */
public record ConflictConfig(
        Rules rules, Map<Glob, Rules> tables, Map<Glob, List<String>> mask, KeepConfig keep) {

    public static final ConflictConfig DEFAULTS =
            new ConflictConfig(
                    new Rules(Optional.empty(), Map.of(), Map.of()),
                    Map.of(),
                    Map.of(),
                    KeepConfig.DEFAULTS);

    /**
     * What is on record at one site at the most; what waits for a person stays.
     *
     * @param age since when
     * @param count how many
     */
    public record KeepConfig(Duration age, int count) {

        public static final KeepConfig DEFAULTS = new KeepConfig(Duration.ofDays(30), 1_000_000);

        public KeepConfig {
            DurationText.requirePositive(age);
            if (count < 1) {
                throw new IllegalArgumentException("one conflict or more");
            }
        }
    }

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
        Objects.requireNonNull(keep);
        tables = Collections.unmodifiableMap(new LinkedHashMap<>(tables));
        mask = Collections.unmodifiableMap(new LinkedHashMap<>(mask));
    }

    /** The masked columns of a table, by its name at the first site. */
    public Set<String> masked(String schema, String table) {
        Set<String> columns = new HashSet<>();
        mask.forEach(
                (pattern, names) -> {
                    if (pattern.matches(schema, table)) {
                        columns.addAll(names);
                    }
                });
        return columns;
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
