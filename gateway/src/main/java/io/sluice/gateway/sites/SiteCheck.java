package io.sluice.gateway.sites;

import io.sluice.change.TableId;
import io.sluice.conflict.Convergence;
import io.sluice.conflict.PolicyCatalog;
import io.sluice.conflict.PolicySpec;
import io.sluice.conflict.TableChoice;
import io.sluice.conflict.TablePolicy;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.DataType;
import io.sluice.connectors.spi.Engine;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TableDefinition.RowIdentity;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** Whether tables can be written at several sites under their policies, found before it begins. */
public final class SiteCheck {

    /**
     * Policies that decide by a change's time, its site and what its site had seen. All others also
     * ask where each row comes from, which is not kept of rows that met no conflict.
     */
    private static final Set<String> DECIDED_BY_CHANGES =
            Set.of(
                    "last-update-wins",
                    "source-priority",
                    "by-site",
                    "apply-remote",
                    "keep-local",
                    "park",
                    "stop");

    private final PolicyCatalog catalog;
    private final Function<TableId, TableChoice> choices;
    private final Set<String> sites;
    private final boolean mayDiverge;

    /**
     * @param choices by a table's name at the site that is checked
     */
    public SiteCheck(
            PolicyCatalog catalog,
            Function<TableId, TableChoice> choices,
            Set<String> sites,
            boolean mayDiverge) {
        this.catalog = catalog;
        this.choices = choices;
        this.sites = Set.copyOf(sites);
        this.mayDiverge = mayDiverge;
    }

    List<Finding> findings(List<TableDefinition> tables) {
        List<Finding> findings = new ArrayList<>();
        if (tables.stream().anyMatch(table -> table.engine() == Engine.MYSQL)) {
            findings.add(
                    Finding.blocks(
                            "bidirectional",
                            "MySQL cannot be one of several sites in this version.",
                            "Use it between PostgreSQL databases."));
        }
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
            if (table.replicaKey().contains(column.name()) && !isComparable(column)) {
                findings.add(
                        Finding.blocks(
                                table.table() + "." + column.name(),
                                "The key's values can be equal and look different, so two sites' writes to one row might not be recognised.",
                                "Between sites use a key of whole numbers, text, uuid, dates or times."));
            }
        }
    }

    /** Whether equal values look the same. Only a collation of the users' own may say otherwise. */
    private static boolean isComparable(ColumnDefinition column) {
        return switch (column.dataType()) {
            case DataType.Bool bool -> true;
            case DataType.Int whole -> true;
            case DataType.Decimal decimal -> decimal.precision() > 0;
            case DataType.Chars chars ->
                    !chars.fixed()
                            && (column.collation() == null
                                    || column.collation().startsWith("pg_catalog."));
            case DataType.Binary binary -> !binary.fixed();
            case DataType.Date date -> true;
            case DataType.DateTime time -> true;
            case DataType.Moment moment -> true;
            case DataType.Uuid uuid -> true;
            case DataType.Choice choice -> true;
            default -> false;
        };
    }

    private void policies(TableDefinition table, List<Finding> findings) {
        TableChoice choice = choices.apply(table.table());
        String name = table.table().toString();
        try {
            TablePolicy policy = TablePolicy.create(catalog, choice, table.schema());
            if (sites.size() > 2) {
                findings.addAll(MeshPolicies.refused(name, choice));
            }
            for (PolicySpec spec : unkept(choice)) {
                findings.add(
                        Finding.blocks(
                                name,
                                "`%s` needs the versions of all rows, which this version does not keep."
                                        .formatted(spec.name()),
                                "Use last-update-wins, source-priority, by-site, park or stop, for whole rows."));
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

    private static List<PolicySpec> unkept(TableChoice choice) {
        List<PolicySpec> unkept = new ArrayList<>();
        List<PolicySpec> rows = new ArrayList<>(choice.kinds().values());
        rows.add(choice.policy());
        rows.stream().filter(spec -> !isKept(spec)).forEach(unkept::add);
        unkept.addAll(choice.columns().values());
        return unkept;
    }

    private static boolean isKept(PolicySpec spec) {
        return DECIDED_BY_CHANGES.contains(spec.name())
                && (!spec.name().equals("by-site")
                        || spec.settings().values().stream()
                                .allMatch(
                                        inner ->
                                                inner instanceof String name
                                                        && DECIDED_BY_CHANGES.contains(name)));
    }
}
