package io.sluice.gateway.cli;

import io.sluice.change.TableId;
import io.sluice.config.ConflictConfig;
import io.sluice.config.Glob;
import io.sluice.config.PolicyConfig;
import io.sluice.config.SitesConfig;
import io.sluice.conflict.ConflictKind;
import io.sluice.conflict.PolicySpec;
import io.sluice.conflict.TableChoice;
import io.sluice.connectors.spi.Finding;
import io.sluice.gateway.sites.ChosenPolicies;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The policies that the configuration has for the tables of a replication between sites. */
final class PolicyChoices {

    private static final String BY_VERSION = "version-column";

    private final SitesConfig sites;

    PolicyChoices(SitesConfig sites) {
        this.sites = sites;
    }

    /** All that any table may have. */
    List<TableChoice> all() {
        List<ConflictConfig.Rules> rules = new ArrayList<>(sites.conflict().tables().values());
        rules.add(sites.conflict().rules());
        List<TableChoice> all = new ArrayList<>();
        for (ConflictConfig.Rules each : rules) {
            all.add(choice(each, Optional.empty()));
            sites.versionColumn()
                    .values()
                    .forEach(column -> all.add(choice(each, Optional.of(column))));
        }
        return all;
    }

    /**
     * By table.
     *
     * @param names from a site's names of schemas to those of the first, which the patterns are of
     * @param first whether it is the first site, which has all tables
     */
    ChosenPolicies at(SchemaNames names, boolean first) {
        return new ChosenPolicies() {

            @Override
            public TableChoice of(TableId table) {
                String schema = names.schema(table.schema());
                return choice(
                        sites.conflict().forTable(schema, table.name()),
                        sites.versionColumn(schema, table.name()));
            }

            @Override
            public List<Finding> unused(Collection<TableId> tables) {
                return first ? PolicyChoices.this.unused(tables, this) : List.of();
            }
        };
    }

    private List<Finding> unused(Collection<TableId> tables, ChosenPolicies chosen) {
        List<Finding> findings = new ArrayList<>();
        for (TableId table : tables) {
            String decides = chosen.of(table).policy().name();
            if (sites.versionColumn(table.schema(), table.name()).isPresent()
                    && !decides.equals(BY_VERSION)) {
                findings.add(
                        Finding.notes(
                                table.toString(),
                                "`versionColumn` is not asked: its rows are decided by `%s`."
                                        .formatted(decides)));
            }
        }
        sites.versionColumn()
                .keySet()
                .forEach(pattern -> unused("versionColumn", pattern, tables, findings));
        sites.conflict()
                .tables()
                .keySet()
                .forEach(pattern -> unused("conflict.tables", pattern, tables, findings));
        return findings;
    }

    private static void unused(
            String key, Glob pattern, Collection<TableId> tables, List<Finding> findings) {
        if (tables.stream().noneMatch(t -> pattern.matches(t.schema(), t.name()))) {
            findings.add(
                    Finding.warns(
                            key,
                            "No replicated table is meant by `%s`.".formatted(pattern),
                            "Write its name as the first site does, upper and lower case included."));
        }
    }

    /**
     * @param version the column that goes before the time of the commit
     */
    private static TableChoice choice(ConflictConfig.Rules rules, Optional<String> version) {
        Map<ConflictKind, PolicySpec> kinds = new HashMap<>();
        rules.kinds()
                .forEach(
                        (kind, policy) ->
                                kinds.put(ConflictKind.of(kind).orElseThrow(), spec(policy)));
        Map<List<String>, PolicySpec> columns = new LinkedHashMap<>();
        rules.columns().forEach((names, policy) -> columns.put(names, spec(policy)));
        PolicySpec said = rules.policy().map(PolicyChoices::spec).orElse(TableChoice.DEFAULT);
        PolicySpec policy =
                version.filter(column -> said.equals(TableChoice.DEFAULT))
                        .map(column -> new PolicySpec(BY_VERSION, Map.of("column", column)))
                        .orElse(said);
        return new TableChoice(policy, kinds, columns);
    }

    private static PolicySpec spec(PolicyConfig policy) {
        return new PolicySpec(policy.name(), policy.settings());
    }
}
