package io.sluice.gateway.keybased;

import io.sluice.change.Column;
import io.sluice.change.Row;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.CopyLineReader;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TableReader.Digested;
import io.sluice.gateway.apply.UniqueKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A table on both sides, and the columns that order it.
 *
 * @param source as the source defines it
 * @param target as it stands on the target
 * @param sourceSchema the columns that travel, in the source's names
 * @param targetSchema the same in the target's
 * @param standingSchema the same columns as the target reads them
 * @param form in which rows of both sides are compared
 * @param order the cursor's column, then the key's
 * @param key the key's columns, in its order
 * @param unique whether no two rows have the same value of the cursor
 * @param otherKeys the target's other unique keys, as schemas that name rows by them
 * @param compared the columns that a sweep sums up
 */
record KeyedTable(
        TableDefinition source,
        TableDefinition target,
        TableSchema sourceSchema,
        TableSchema targetSchema,
        TableSchema standingSchema,
        CommonForm form,
        List<String> order,
        List<String> key,
        boolean unique,
        List<TableSchema> otherKeys,
        List<Digested> compared) {

    static KeyedTable of(
            TableDefinition source,
            TableDefinition wanted,
            TableDefinition standing,
            String cursor) {
        List<String> key = KeyedDefinition.key(source);
        TableSchema targetSchema = KeyedDefinition.of(wanted).schema();
        if (targetSchema.columns().stream().noneMatch(c -> c.name().equals(cursor))) {
            throw new ConnectorException(
                    ErrorClass.FATAL,
                    "%s: its cursor %s is excluded. Take it out of excludeColumns."
                            .formatted(source.table(), cursor));
        }
        List<String> order = new ArrayList<>(List.of(cursor));
        key.stream().filter(column -> !column.equals(cursor)).forEach(order::add);
        return new KeyedTable(
                source,
                standing,
                new TableSchema(source.table(), targetSchema.columns(), targetSchema.key()),
                targetSchema,
                standing(targetSchema, standing),
                new CommonForm(source, standing),
                order,
                key,
                key.equals(List.of(cursor)) || source.uniqueKeys().contains(List.of(cursor)),
                UniqueKeys.schemas(targetSchema, otherKeys(standing, key)),
                compared(source, standing, targetSchema));
    }

    /** Whether equal sums tell that the keys are the same on both sides. */
    boolean comparesKeys() {
        return compared.stream().map(Digested::column).toList().containsAll(key);
    }

    /** What orders a row: the values of {@code columns} in it. */
    List<Object> values(byte[] line, List<String> columns) {
        Row row = new CopyLineReader(targetSchema).row(line);
        return columns.stream()
                .map(
                        column ->
                                Objects.requireNonNull(
                                        row.get(position(column)), "a value that orders rows"))
                .toList();
    }

    /** Types may be others there: a truth value is a number in MySQL. */
    private static TableSchema standing(TableSchema schema, TableDefinition standing) {
        return new TableSchema(
                schema.table(),
                schema.columns().stream()
                        .map(
                                column ->
                                        new Column(
                                                column.name(),
                                                column(standing, column.name())
                                                        .map(ColumnDefinition::type)
                                                        .orElse(column.type())))
                        .toList(),
                schema.key());
    }

    private int position(String column) {
        for (int i = 0; i < targetSchema.columns().size(); i++) {
            if (targetSchema.columns().get(i).name().equals(column)) {
                return i;
            }
        }
        throw new IllegalStateException(source.table() + " lacks the column " + column);
    }

    private static List<List<String>> otherKeys(TableDefinition standing, List<String> key) {
        return UniqueKeys.of(standing).stream()
                .filter(other -> !(other.size() == key.size() && other.containsAll(key)))
                .toList();
    }

    private static List<Digested> compared(
            TableDefinition source, TableDefinition standing, TableSchema schema) {
        boolean same = source.engine() == standing.engine();
        List<Digested> compared = new ArrayList<>();
        schema.columns()
                .forEach(
                        column ->
                                column(source, column.name())
                                        .flatMap(
                                                from ->
                                                        column(standing, column.name())
                                                                .flatMap(
                                                                        to ->
                                                                                DigestForms.common(
                                                                                        from, to,
                                                                                        same)))
                                        .ifPresent(
                                                form ->
                                                        compared.add(
                                                                new Digested(
                                                                        column.name(), form))));
        return compared;
    }

    private static Optional<ColumnDefinition> column(TableDefinition table, String name) {
        return table.columns().stream().filter(column -> column.name().equals(name)).findFirst();
    }
}
