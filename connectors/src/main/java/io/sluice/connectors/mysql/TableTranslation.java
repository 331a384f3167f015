package io.sluice.connectors.mysql;

import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.ColumnDefinition.Identity;
import io.sluice.connectors.spi.DataType;
import io.sluice.connectors.spi.Engine;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.TableDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The table of a source as a server of MySQL would define it. Pure. */
final class TableTranslation {

    /** A row's columns of limited length take 65,535 bytes together; the rest is for the others. */
    private static final int ROW_BYTES = 48_000;

    private static final Pattern VARCHAR = Pattern.compile("varchar\\((\\d+)\\)");

    private final TableDefinition table;
    private final String textCollation;
    private final List<Finding> findings;
    private final KeyLengths keys;
    private int rowBytes;

    private TableTranslation(TableDefinition table, String textCollation, List<Finding> findings) {
        this.table = table;
        this.textCollation = textCollation;
        this.findings = findings;
        keys = new KeyLengths(table);
    }

    /**
     * The definition in MySQL's types; where it is in these already, with the server's names of
     * collations.
     *
     * @param findings takes what is lost on the way
     */
    static TableDefinition of(TableDefinition table, ServerFacts server, List<Finding> findings) {
        if (table.engine() == Engine.MYSQL) {
            return withColumns(
                    table, table.columns().stream().map(column -> own(column, server)).toList());
        }
        return new TableTranslation(table, server.textCollation(), findings).translated();
    }

    private static ColumnDefinition own(ColumnDefinition column, ServerFacts server) {
        return column.collation() == null
                ? column
                : new ColumnDefinition(
                        column.name(),
                        column.dataType(),
                        column.nativeType(),
                        column.notNull(),
                        column.defaultExpression(),
                        column.generated(),
                        column.identity(),
                        server.collation(column.collation()));
    }

    private TableDefinition translated() {
        List<ColumnDefinition> columns = new ArrayList<>();
        for (ColumnDefinition column : table.columns()) {
            if (column.isReplicated()) {
                columns.add(translated(column));
            } else {
                warns(
                        column,
                        "The source computes the column, by an expression of its own: the target"
                                + " does without it.",
                        "Add a generated column of that name on the target, if it is needed.");
            }
        }
        return withColumns(table, columns);
    }

    private static TableDefinition withColumns(
            TableDefinition table, List<ColumnDefinition> columns) {
        List<String> carried = columns.stream().map(ColumnDefinition::name).toList();
        return new TableDefinition(
                table.table(),
                Engine.MYSQL,
                columns,
                carried.containsAll(table.primaryKey()) ? table.primaryKey() : List.of(),
                table.uniqueKeys().stream().filter(carried::containsAll).toList(),
                table.replicaKey(),
                table.rowIdentity(),
                table.partitioned(),
                table.estimatedRows(),
                table.estimatedBytes());
    }

    private ColumnDefinition translated(ColumnDefinition column) {
        String nativeType = sized(column, MySqlForms.nativeType(column.dataType()));
        String loss = MySqlForms.loss(column.dataType());
        if (loss != null) {
            warns(column, "%s becomes %s: %s".formatted(column.nativeType(), nativeType, loss), "");
        }
        if (column.dataType() instanceof DataType.Money money && money.fraction() != 2) {
            findings.add(
                    Finding.blocks(
                            table.table() + "." + column.name(),
                            ("The source reads this money with %d digits after the point"
                                            + " (lc_monetary of its database); what would arrive has two.")
                                    .formatted(money.fraction()),
                            "Exclude the column, or replicate a numeric one in its place."));
        }
        Identity identity =
                column.dataType() instanceof DataType.Int && leadsKey(column.name())
                        ? column.identity()
                        : Identity.NONE;
        return new ColumnDefinition(
                column.name(),
                column.dataType(),
                nativeType,
                column.notNull() || table.primaryKey().contains(column.name()),
                column.identity() == Identity.NONE
                        ? DefaultTranslation.of(column, nativeType)
                        : null,
                null,
                identity,
                MySqlForms.collation(column.dataType(), nativeType, textCollation));
    }

    /** Gives texts and bytes of keys the length that keys have, and long rows less in the row. */
    private String sized(ColumnDefinition column, String nativeType) {
        Matcher varchar = VARCHAR.matcher(nativeType);
        int length = varchar.matches() ? Integer.parseInt(varchar.group(1)) : Integer.MAX_VALUE;
        boolean text = varchar.matches() || nativeType.equals(MySqlForms.LONG_TEXT);
        if (keys.isInKey(column.name())) {
            int most = text ? keys.characters(column.name()) : keys.bytes(column.name());
            if (length <= most) {
                return nativeType;
            }
            String type = (text ? "varchar(" : "varbinary(") + most + ")";
            warns(
                    column,
                    "%s becomes %s, for it is in a key: a longer value stops the replication."
                            .formatted(column.nativeType(), type),
                    "");
            return type;
        }
        if (varchar.matches()) {
            rowBytes += 4 * length + 2;
            if (rowBytes > ROW_BYTES) {
                rowBytes -= 4 * length + 2;
                return MySqlForms.LONG_TEXT;
            }
        }
        return nativeType;
    }

    private boolean leadsKey(String column) {
        return Stream.concat(Stream.of(table.primaryKey()), table.uniqueKeys().stream())
                .anyMatch(key -> !key.isEmpty() && key.getFirst().equals(column));
    }

    private void warns(ColumnDefinition column, String problem, String remedy) {
        findings.add(Finding.warns(table.table() + "." + column.name(), problem, remedy));
    }
}
