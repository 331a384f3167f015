package io.sluice.connectors.postgres;

import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.ColumnDefinition.Identity;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.TableDefinition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Whether a table that stands can take everything that the wanted one takes. Pure. */
final class TableComparison {

    private final TableDefinition wanted;
    private final TableDefinition standing;
    private final boolean acrossSites;
    private final String alter;
    private final List<Finding> findings = new ArrayList<>();

    private TableComparison(TableDefinition wanted, TableDefinition standing, boolean acrossSites) {
        this.wanted = wanted;
        this.standing = standing;
        this.acrossSites = acrossSites;
        alter = "ALTER TABLE " + Sql.table(standing.table()) + " ";
    }

    /**
     * @param acrossSites whether both are written, and the wanted one is of another engine
     */
    static List<Finding> compare(
            TableDefinition wanted, TableDefinition standing, boolean acrossSites) {
        TableComparison comparison = new TableComparison(wanted, standing, acrossSites);
        comparison.columns();
        comparison.keys();
        return comparison.findings;
    }

    private void columns() {
        Map<String, ColumnDefinition> there = byName(standing);
        for (ColumnDefinition column : wanted.columns()) {
            compare(column, there.get(column.name()));
        }
        Map<String, ColumnDefinition> known = byName(wanted);
        for (ColumnDefinition column : standing.columns()) {
            if (!known.containsKey(column.name())
                    && column.notNull()
                    && column.defaultExpression() == null
                    && column.generated() == null
                    && column.identity() == Identity.NONE) {
                blocks(
                        column.name(),
                        "The column is not in the source, must not be null, and has no default: no"
                                + " row could be written.",
                        alterColumn(column, "DROP NOT NULL;"));
            }
        }
    }

    private void compare(ColumnDefinition column, @Nullable ColumnDefinition there) {
        if (there == null) {
            missing(column);
        } else if (!column.isReplicated()) {
            if (there.generated() == null) {
                warns(
                        column.name(),
                        "The source computes the column, the target does not: it is left to its"
                                + " default.",
                        "Make it a generated column on the target too.");
            }
        } else {
            replicated(column, there);
        }
    }

    private void missing(ColumnDefinition column) {
        String add =
                alter
                        + "ADD COLUMN %s %s;"
                                .formatted(Sql.identifier(column.name()), column.nativeType());
        if (column.isReplicated()) {
            blocks(column.name(), "The target lacks the column.", add);
        } else {
            warns(column.name(), "The target lacks this column that the source computes.", add);
        }
    }

    private void replicated(ColumnDefinition column, ColumnDefinition there) {
        if (there.generated() != null) {
            blocks(
                    column.name(),
                    "The target computes the column itself, so the source's values cannot be written.",
                    alterColumn(column, "DROP EXPRESSION;"));
        }
        boolean met = acrossSites && TypeFit.isMet(column.dataType(), there.dataType());
        if (!met && !TypeFit.fits(column.nativeType(), there.nativeType())) {
            blocks(
                    column.name(),
                    "The column is %s on the target and may not hold every %s of the source."
                            .formatted(there.nativeType(), column.nativeType()),
                    alterColumn(column, "TYPE " + column.nativeType() + ";"));
        }
        if (there.notNull() && !column.notNull()) {
            blocks(
                    column.name(),
                    "The column may be null on the source and not on the target.",
                    alterColumn(column, "DROP NOT NULL;"));
        }
    }

    private void keys() {
        List<Set<String>> targetKeys = keysOf(standing);
        Set<String> rowKey = new HashSet<>(wanted.replicaKey());
        if (!rowKey.isEmpty() && !targetKeys.contains(rowKey)) {
            blocks(
                    null,
                    "The target has no primary key or unique constraint on (%s), by which the source"
                                    .formatted(String.join(", ", wanted.replicaKey()))
                            + " identifies rows.",
                    alter + "ADD UNIQUE (" + Sql.identifiers(wanted.replicaKey()) + ");");
        }
        List<Set<String>> sourceKeys = keysOf(wanted);
        for (Set<String> key : targetKeys) {
            // A key that contains one of the source's is kept by whoever keeps that one.
            if (sourceKeys.stream().noneMatch(key::containsAll)) {
                warns(
                        null,
                        "The target holds (%s) unique, the source does not: a row that the source"
                                        .formatted(sorted(key))
                                + " allows may be refused.",
                        "Drop the key on the target, or hold it on the source too.");
            }
        }
    }

    private static List<Set<String>> keysOf(TableDefinition table) {
        List<Set<String>> keys = new ArrayList<>();
        if (!table.primaryKey().isEmpty()) {
            keys.add(new HashSet<>(table.primaryKey()));
        }
        table.uniqueKeys().forEach(key -> keys.add(new HashSet<>(key)));
        return keys;
    }

    private static Map<String, ColumnDefinition> byName(TableDefinition table) {
        return table.columns().stream()
                .collect(
                        Collectors.toMap(
                                ColumnDefinition::name,
                                Function.identity(),
                                (a, b) -> a,
                                LinkedHashMap::new));
    }

    private String alterColumn(ColumnDefinition column, String change) {
        return alter + "ALTER COLUMN " + Sql.identifier(column.name()) + " " + change;
    }

    private static String sorted(Collection<String> names) {
        return names.stream().sorted().collect(Collectors.joining(", "));
    }

    private String subject(@Nullable String column) {
        return column == null ? standing.table().toString() : standing.table() + "." + column;
    }

    private void blocks(@Nullable String column, String problem, String remedy) {
        findings.add(Finding.blocks(subject(column), problem, remedy));
    }

    private void warns(@Nullable String column, String problem, String remedy) {
        findings.add(Finding.warns(subject(column), problem, remedy));
    }
}
