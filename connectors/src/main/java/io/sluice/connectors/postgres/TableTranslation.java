package io.sluice.connectors.postgres;

import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.ColumnDefinition.Identity;
import io.sluice.connectors.spi.DataType;
import io.sluice.connectors.spi.Engine;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.TableDefinition;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The table of another engine as PostgreSQL would define it. Pure. */
final class TableTranslation {

    /** Longer names are cut by the server, and two may become one. */
    private static final int NAME_BYTES = 63;

    private static final Pattern NUMBER =
            Pattern.compile("[-+]?[0-9]+(?:\\.[0-9]+)?(?:e[-+]?[0-9]+)?");
    private static final Pattern NOW =
            Pattern.compile("(?i)(?:current_timestamp|now|localtimestamp)(?:\\([0-6]?\\))?");

    private final TableDefinition table;
    private final List<Finding> findings;

    private TableTranslation(TableDefinition table, List<Finding> findings) {
        this.table = table;
        this.findings = findings;
    }

    /**
     * The definition in PostgreSQL's types; the table itself where it is PostgreSQL's.
     *
     * @param findings takes what is lost on the way, and what cannot be done
     */
    static TableDefinition of(TableDefinition table, List<Finding> findings) {
        return table.engine() == Engine.POSTGRESQL
                ? table
                : new TableTranslation(table, findings).translated();
    }

    private TableDefinition translated() {
        requireName(table.table().schema(), table.table().toString());
        requireName(table.table().name(), table.table().toString());
        List<ColumnDefinition> columns = new ArrayList<>();
        for (ColumnDefinition column : table.columns()) {
            requireName(column.name(), subject(column));
            if (column.isReplicated()) {
                columns.add(translated(column));
            } else {
                findings.add(
                        Finding.warns(
                                subject(column),
                                "The source computes the column, by an expression of its own: the"
                                        + " target does without it.",
                                "Add a generated column of that name on the target, if it is needed."));
            }
        }
        List<String> carried = columns.stream().map(ColumnDefinition::name).toList();
        return new TableDefinition(
                table.table(),
                Engine.POSTGRESQL,
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
        String nativeType = PostgresForms.nativeType(column.dataType());
        String loss = PostgresForms.loss(column.dataType());
        if (loss != null) {
            findings.add(
                    Finding.warns(
                            subject(column),
                            "%s becomes %s: %s".formatted(column.nativeType(), nativeType, loss),
                            ""));
        }
        Identity identity =
                column.dataType() instanceof DataType.Int ? column.identity() : Identity.NONE;
        return new ColumnDefinition(
                column.name(),
                column.dataType(),
                nativeType,
                column.notNull(),
                identity == Identity.NONE ? defaultOf(column) : null,
                null,
                identity,
                null);
    }

    /** A default that means the same here; what does not is left out: rows bring their values. */
    private static @Nullable String defaultOf(ColumnDefinition column) {
        String expression = column.defaultExpression();
        if (expression == null) {
            return null;
        }
        return switch (column.dataType()) {
            case DataType.Int i when NUMBER.matcher(unquoted(expression)).matches() ->
                    unquoted(expression);
            case DataType.Decimal d when NUMBER.matcher(unquoted(expression)).matches() ->
                    unquoted(expression);
            case DataType.Floating f when NUMBER.matcher(unquoted(expression)).matches() ->
                    unquoted(expression);
            case DataType.Chars c when isQuoted(expression) -> literal(expression);
            case DataType.Choice c when isQuoted(expression) -> literal(expression);
            case DataType.DateTime d when NOW.matcher(expression).matches() ->
                    "(current_timestamp AT TIME ZONE 'UTC')";
            case DataType.Moment m when NOW.matcher(expression).matches() -> "current_timestamp";
            default -> null;
        };
    }

    private static boolean isQuoted(String expression) {
        return expression.length() > 1 && expression.startsWith("'") && expression.endsWith("'");
    }

    private static String unquoted(String expression) {
        return isQuoted(expression) ? expression.substring(1, expression.length() - 1) : expression;
    }

    /** From MySQL's literal, whose quotes and backslashes are doubled, to PostgreSQL's. */
    private static String literal(String expression) {
        return Sql.literal(unquoted(expression).replace("''", "'").replace("\\\\", "\\"));
    }

    private void requireName(String name, String subject) {
        if (name.getBytes(StandardCharsets.UTF_8).length > NAME_BYTES) {
            findings.add(
                    Finding.blocks(
                            subject,
                            "The name %s is longer than PostgreSQL's %d bytes."
                                    .formatted(name, NAME_BYTES),
                            "Rename it under `rename`, or exclude it."));
        }
    }

    private String subject(ColumnDefinition column) {
        return table.table() + "." + column.name();
    }
}
