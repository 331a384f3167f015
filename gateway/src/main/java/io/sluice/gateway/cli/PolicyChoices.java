package io.sluice.gateway.cli;

import io.sluice.change.TableId;
import io.sluice.config.ConflictConfig;
import io.sluice.config.PolicyConfig;
import io.sluice.config.SitesConfig;
import io.sluice.conflict.ConflictKind;
import io.sluice.conflict.PolicySpec;
import io.sluice.conflict.TableChoice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The policies that the configuration has for the tables of a replication between sites. */
final class PolicyChoices {

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
     */
    Function<TableId, TableChoice> at(SchemaNames names) {
        return table -> {
            String schema = names.schema(table.schema());
            return choice(
                    sites.conflict().forTable(schema, table.name()),
                    sites.versionColumn(schema, table.name()));
        };
    }

    /**
     * @param version the column that says when a row was written, instead of the commit
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
                        .map(column -> new PolicySpec("version-column", Map.of("column", column)))
                        .orElse(said);
        return new TableChoice(policy, kinds, columns);
    }

    private static PolicySpec spec(PolicyConfig policy) {
        return new PolicySpec(policy.name(), policy.settings());
    }
}
