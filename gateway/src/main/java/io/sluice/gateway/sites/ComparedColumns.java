package io.sluice.gateway.sites;

import io.sluice.change.Column;
import io.sluice.conflict.PolicySpec;
import io.sluice.conflict.TableChoice;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.DataType;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.TableDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Whether the columns by whose values rows are put in order have the same order at every site. */
final class ComparedColumns {

    private static final Set<String> COMPARE = Set.of("max", "min", "version-column");

    private ComparedColumns() {}

    static List<Finding> findings(TableDefinition table, TableChoice choice) {
        List<Finding> findings = new ArrayList<>();
        choice.columns().forEach((columns, policy) -> look(table, policy, columns, findings));
        look(table, choice.policy(), rest(table, choice), findings);
        return findings;
    }

    /** The columns of which nothing is said by themselves. */
    private static List<String> rest(TableDefinition table, TableChoice choice) {
        List<String> rest =
                new ArrayList<>(table.schema().columns().stream().map(Column::name).toList());
        rest.removeAll(table.replicaKey());
        choice.columns().keySet().forEach(rest::removeAll);
        return rest;
    }

    private static void look(
            TableDefinition table,
            PolicySpec policy,
            List<String> columns,
            List<Finding> findings) {
        Object within = policy.settings().get("otherwise");
        if (within != null) {
            look(table, PolicySpec.read(within), columns, findings);
        }
        if (COMPARE.contains(policy.name())) {
            Object named = policy.settings().get("column");
            table.columns().stream()
                    .filter(
                            column ->
                                    named == null
                                            ? columns.contains(column.name())
                                            : column.name().equals(named))
                    .filter(column -> !isOrdered(policy.name(), column.dataType()))
                    .forEach(column -> findings.add(refused(table, policy, column)));
        }
    }

    private static Finding refused(
            TableDefinition table, PolicySpec policy, ColumnDefinition column) {
        return Finding.blocks(
                table.table() + "." + column.name(),
                "`%s` compares its values, and those of %s have no order that is the same at every site."
                        .formatted(policy.name(), column.nativeType()),
                "Compare a number or a time%s."
                        .formatted(policy.name().equals("version-column") ? "" : " or a text"));
    }

    private static boolean isOrdered(String policy, DataType type) {
        return switch (type) {
            case DataType.Int number -> true;
            case DataType.Decimal number -> true;
            case DataType.Floating number -> true;
            case DataType.Date time -> true;
            case DataType.DateTime time -> true;
            case DataType.Moment time -> true;
            case DataType.Json document -> false;
            default -> !policy.equals("version-column");
        };
    }
}
