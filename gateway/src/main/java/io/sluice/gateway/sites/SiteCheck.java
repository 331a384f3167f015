package io.sluice.gateway.sites;

import io.sluice.conflict.Convergence;
import io.sluice.conflict.PolicyCatalog;
import io.sluice.conflict.TableChoice;
import io.sluice.conflict.TablePolicy;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TableDefinition.RowIdentity;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Whether tables can be written at several sites under their policies, found before it begins. */
public final class SiteCheck {

    private final PolicyCatalog catalog;
    private final ChosenPolicies choices;
    private final Set<String> sites;
    private final boolean mayDiverge;

    /**
     * @param choices by a table's name at the site that is checked
     */
    public SiteCheck(
            PolicyCatalog catalog, ChosenPolicies choices, Set<String> sites, boolean mayDiverge) {
        this.catalog = catalog;
        this.choices = choices;
        this.sites = Set.copyOf(sites);
        this.mayDiverge = mayDiverge;
    }

    List<Finding> findings(List<TableDefinition> tables) {
        List<Finding> findings =
                new ArrayList<>(
                        choices.unused(tables.stream().map(TableDefinition::table).toList()));
        for (TableDefinition table : tables) {
            if (!table.schema().hasKey()) {
                findings.add(
                        Finding.blocks(
                                table.table().toString(),
                                "The table has no key, so no row can be told from another site's.",
                                "Add a primary key, or exclude the table."));
                continue;
            }
            rows(table, findings);
            policies(table, findings);
        }
        return findings;
    }

    private static void rows(TableDefinition table, List<Finding> findings) {
        if (table.rowIdentity() != RowIdentity.FULL) {
            findings.add(
                    Finding.blocks(
                            table.table().toString(),
                            "The log tells of changed rows their keys alone; between sites they are needed whole.",
                            "On PostgreSQL run ALTER TABLE … REPLICA IDENTITY FULL; on MySQL set binlog_row_image=FULL."));
        }
        for (ColumnDefinition column : table.columns()) {
            if (table.replicaKey().contains(column.name()) && !KeyForms.mayBeUuid(column)) {
                KeyForms.unfit(column)
                        .ifPresent(
                                remedy ->
                                        findings.add(
                                                Finding.blocks(
                                                        table.table() + "." + column.name(),
                                                        "The key's values can be equal and look different, so two sites' writes to one row might not be recognised.",
                                                        remedy)));
            }
        }
    }

    private void policies(TableDefinition table, List<Finding> findings) {
        TableChoice choice = choices.of(table.table());
        String name = table.table().toString();
        try {
            TablePolicy policy = TablePolicy.create(catalog, choice, table.schema());
            findings.addAll(ComparedColumns.findings(table, choice));
            if (sites.size() > 2) {
                findings.addAll(MeshPolicies.refused(name, choice));
            }
            for (String problem : Convergence.problems(policy, choice, sites)) {
                findings.add(
                        mayDiverge
                                ? Finding.warns(name, problem, "")
                                : Finding.blocks(
                                        name,
                                        problem,
                                        "Choose another policy, or set allowDivergence: true."));
            }
        } catch (IllegalArgumentException e) {
            findings.add(Finding.blocks(name, String.valueOf(e.getMessage()), "Mend `conflict`."));
        }
    }
}
